"""Gateways: doors in the shape of older services, so that their clients run unchanged. Rules live in services.

One file or folder each; none knows another. What they share of FHIR lies in ``ttp.wire`` and ``ttp.http``.
"""
