"""Federation over JSON: signed requests of peers, and what operators and pipelines of this center start."""
