"""Texts, trees and places, in JSON, YAML and HCL. It knows nothing of IAM."""
