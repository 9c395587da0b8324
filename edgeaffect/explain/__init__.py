"""The explainer: one sentence that says why a face got its label, questions answered or refused, texts checked."""
