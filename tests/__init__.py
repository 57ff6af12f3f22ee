"""The promises of the product, each as a test whose name is the claim."""
