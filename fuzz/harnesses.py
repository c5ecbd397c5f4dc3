"""All harnesses by name."""

from fuzz import configuration, readers, repositories, rewrites
from fuzz.trees import pairs

HARNESSES = {
    harness.name: harness
    for module in (readers, rewrites, configuration, repositories, pairs)
    for harness in module.harnesses()
}
