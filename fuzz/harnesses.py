"""All harnesses by name."""

from fuzz import configuration, readers, repositories, rewrites

HARNESSES = {
    harness.name: harness
    for module in (readers, rewrites, configuration, repositories)
    for harness in module.harnesses()
}
