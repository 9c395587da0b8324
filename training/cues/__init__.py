"""Recipe of the face cue model: landmarks, blendshapes, head pose and gaze of one crop."""
