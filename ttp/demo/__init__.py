"""The demonstration: three trust centers on this machine do the main job from end to end, with made-up patients."""
