"""From a loaded scenario to a verified plan on disk: instance, method, plan, verification, writing."""
