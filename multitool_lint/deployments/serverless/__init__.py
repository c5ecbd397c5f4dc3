"""What a service of the Serverless Framework deploys."""
