"""The only outgoing HTTP: signed requests to peers whose keys are pinned."""
