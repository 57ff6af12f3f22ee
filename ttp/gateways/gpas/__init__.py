"""The gPAS gateway: the operations of the TTP-FHIR gateway of gPAS, all its generations of requests and answers."""
