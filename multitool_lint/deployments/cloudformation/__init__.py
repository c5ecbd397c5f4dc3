"""What a template of CloudFormation or SAM deploys."""
