"""What Terraform's expressions come to in the module that has them."""
