"""What AWS decides about one request, by all policies that apply to it."""
