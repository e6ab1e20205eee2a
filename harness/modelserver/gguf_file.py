"""Random weights in the shape of a small Llama, as a GGUF file.

Apart from `weights`, so that numpy is loaded only where there is something to write: without it
the server starts half a second sooner and holds 30 MiB less.
"""

import contextlib
import os
from pathlib import Path

import gguf
import numpy as np

from harness.modelserver.vocabulary import BEGIN_ID, END_ID, SPOKEN_FROM, UNKNOWN_ID, vocabulary
from harness.modelserver.weights import SEED, Shape


def write(path: Path, shape: Shape) -> None:
    """Write a GGUF file: Llama architecture, Q8_0 matrices, deterministic for one numpy.

    Q8_0, because most models under Ollama are quantised, and because it decodes twice as many
    tokens per second as F32 on one core of a machine without AVX-512. Raises OSError.
    """
    writer = gguf.GGUFWriter(path, "llama")
    try:
        _describe(writer, shape)
        _add_tokens(writer, shape)
        _add_tensors(writer, shape)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        for file in writer.fout or ():
            file.flush()
            os.fsync(file.fileno())
    finally:
        # A full disk fails again when close flushes; the first error is the one to report.
        with contextlib.suppress(OSError):
            writer.close()


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("shape-3m")
    writer.add_description("random weights: shape, not quality")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def _add_tokens(writer: gguf.GGUFWriter, shape: Shape) -> None:
    tokens = vocabulary(shape.vocabulary)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token.text for token in tokens])
    writer.add_token_scores([token.score for token in tokens])
    writer.add_token_types([token.kind for token in tokens])
    writer.add_unk_token_id(UNKNOWN_ID)
    writer.add_bos_token_id(BEGIN_ID)
    writer.add_eos_token_id(END_ID)
    writer.add_add_bos_token(value=True)
    # With a blank put before every text, the engine's JSON grammar sees one that it never allowed.
    writer.add_add_space_prefix(value=False)


def _add_tensors(writer: gguf.GGUFWriter, shape: Shape) -> None:
    random = np.random.default_rng(SEED)
    quantised = gguf.GGMLQuantizationType.Q8_0

    def matrix(name: str, rows: int, columns: int, silent: int = 0) -> None:
        # Standard deviation 1/√columns keeps activations near 1 through every layer.
        values = random.standard_normal((rows, columns), dtype=np.float32)
        values /= np.float32(np.sqrt(columns))
        values[:silent] = 0
        writer.add_tensor(name, gguf.quants.quantize(values, quantised), raw_dtype=quantised)

    def norm(name: str) -> None:
        writer.add_tensor(name, np.ones(shape.width, dtype=np.float32))

    matrix("token_embd.weight", shape.vocabulary, shape.width)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        norm(f"{block}attn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{block}{part}.weight", shape.width, shape.width)
        norm(f"{block}ffn_norm.weight")
        matrix(f"{block}ffn_gate.weight", shape.feed_forward, shape.width)
        matrix(f"{block}ffn_up.weight", shape.feed_forward, shape.width)
        matrix(f"{block}ffn_down.weight", shape.width, shape.feed_forward)
    norm("output_norm.weight")
    # Marks and bytes score 0, in the middle of the others: top_k never reaches them, so that answers
    # hold neither broken UTF-8 nor control characters, and none ends before its cap.
    matrix("output.weight", shape.vocabulary, shape.width, silent=SPOKEN_FROM)
