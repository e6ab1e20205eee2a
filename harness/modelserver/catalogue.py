"""The one model that is served: its names, and what /api/tags says of it."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from harness.modelserver.schema import Details, ModelEntry
from harness.modelserver.weights import SHAPE_3M

RANDOM = "random weights: shape, not quality"
"""The family of the built-in model, so that nobody takes its answers for a model's."""


class ServedModel(Struct, frozen=True, kw_only=True):
    """A loaded model. `name` carries no tag; `random` says that its weights mean nothing."""

    name: str
    size_bytes: int
    digest: str
    modified_at: str
    random: bool
    context_tokens: int

    def answers_to(self, name: str) -> bool:
        """`name` with or without `:latest`."""
        return name in {self.name, f"{self.name}:latest"}

    def tag(self) -> ModelEntry:
        """Its line in /api/tags."""
        return self._entry(modified_at=self.modified_at)

    def loaded(self) -> ModelEntry:
        """Its line in /api/ps; it never expires, which Ollama writes as a date far off."""
        return self._entry(expires_at="2318-01-01T00:00:00Z", size_vram=0, context_length=self.context_tokens)

    def _entry(
        self,
        *,
        modified_at: str | None = None,
        expires_at: str | None = None,
        size_vram: int | None = None,
        context_length: int = 0,
    ) -> ModelEntry:
        family = RANDOM if self.random else "gguf"
        return ModelEntry(
            name=f"{self.name}:latest",
            model=f"{self.name}:latest",
            size=self.size_bytes,
            digest=self.digest,
            details=Details(
                family=family,
                families=(family,),
                parameter_size=f"{SHAPE_3M.parameters / 1e6:.1f}M" if self.random else "",
                quantization_level="Q8_0" if self.random else "",
            ),
            modified_at=modified_at,
            expires_at=expires_at,
            size_vram=size_vram,
            context_length=context_length,
        )


def describe(weights: Path, *, random: bool, context_tokens: int) -> ServedModel:
    """Read size, date and SHA-256 of a weights' file; raises OSError."""
    facts = weights.stat()
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ServedModel(
        name="shape-3m" if random else weights.stem.lower(),
        size_bytes=facts.st_size,
        digest=digest,
        modified_at=datetime.fromtimestamp(facts.st_mtime, UTC).isoformat().replace("+00:00", "Z"),
        random=random,
        context_tokens=context_tokens,
    )
