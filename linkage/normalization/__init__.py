"""Normalization profiles: one module per profile, each frozen once data name it."""
