"""The Vfps gateway: namespaces and pseudonyms over REST, FHIR, and gRPC in a process of its own."""
