"""A job whose requirements come from a model's file runs where the model fits, and only there."""

import os
import pathlib
import re
import struct
import subprocess
import unittest

from farm import BINARY, PATIENCE_S, ROOT, FarmTest

EXAMPLE = ROOT / "examples/inference"
LAYERS, HIDDEN, FFN, HEADS, KV_HEADS, VOCAB = 32, 4096, 14336, 32, 8, 128256
Q8_0, F32 = 8, 0

# Stands for llama.cpp, which is not installed here: checks what it is given and answers.
ENGINE = """#!/bin/bash
set -eu
[ "$1 $3 $5 $7 $9" = "-m -f -n -c --no-display-prompt" ]
[ "$(head -c 4 "$2")" = GGUF ]
[ "$CUDA_VISIBLE_DEVICES" = 0 ]
echo "an answer to: $(cat "$4")"
"""


def write_model(path):
    """An 8B model as GGUF: every header field and tensor; the weights themselves are a hole."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    def key(name, value):
        if isinstance(value, str):
            return text(name) + struct.pack("<I", 8) + text(value)
        return text(name) + struct.pack("<II", 4, value)

    keys = [
        key("general.architecture", "llama"),
        key("llama.block_count", LAYERS),
        key("llama.context_length", 8192),
        key("llama.embedding_length", HIDDEN),
        key("llama.feed_forward_length", FFN),
        key("llama.attention.head_count", HEADS),
        key("llama.attention.head_count_kv", KV_HEADS),
        key("llama.vocab_size", VOCAB),
        key("general.file_type", 7),
    ]
    rows = KV_HEADS * HIDDEN // HEADS
    shapes = [(name, (HIDDEN, VOCAB), Q8_0) for name in ("token_embd.weight", "output.weight")]
    shapes.append(("output_norm.weight", (HIDDEN,), F32))
    for layer in range(LAYERS):
        for name, shape in (
            ("attn_q", (HIDDEN, HIDDEN)),
            ("attn_k", (HIDDEN, rows)),
            ("attn_v", (HIDDEN, rows)),
            ("attn_output", (HIDDEN, HIDDEN)),
            ("ffn_gate", (HIDDEN, FFN)),
            ("ffn_up", (HIDDEN, FFN)),
            ("ffn_down", (FFN, HIDDEN)),
        ):
            shapes.append((f"blk.{layer}.{name}.weight", shape, Q8_0))
        for name in ("attn_norm", "ffn_norm"):
            shapes.append((f"blk.{layer}.{name}.weight", (HIDDEN,), F32))
    tensors, offset = [], 0
    for name, shape, kind in shapes:
        sizes = struct.pack(f"<{len(shape)}Q", *shape)
        tensors.append(
            text(name) + struct.pack("<I", len(shape)) + sizes + struct.pack("<IQ", kind, offset)
        )
        elements = shape[0] * (shape[1] if len(shape) > 1 else 1)
        offset += -(-(elements * 4 if kind == F32 else elements // 32 * 34) // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys + tensors)
    head += b"\0" * (-len(head) % 32)
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + offset)


class ModelFit(FarmTest):
    def template_for(self, model):
        done = subprocess.run(
            [EXAMPLE / "for_model", model, "--context", "8192"],
            capture_output=True,
            text=True,
            env={
                **self.farm.environment,
                "PATH": f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}",
            },
            timeout=PATIENCE_S,
            check=True,
        )
        return self.farm.template(done.stdout)

    def start_node(self, name, gpu_mib):
        config = self.farm.template(
            f'[node]\nmemory_mib = 16384\n[[gpu]]\nname = "Test card"\nmemory_mib = {gpu_mib}\n',
            f"{name}.toml",
        )
        self.farm.start_agent(name, "--config", config)

    def test_it_waits_on_a_small_card_and_runs_on_a_large_one(self):
        farm = self.farm
        model, prompts, engine = (farm.dir / name for name in ("m.gguf", "prompts.txt", "engine"))
        write_model(model)
        prompts.write_text("how many frames?\nwho wrote this?\n")
        engine.write_text(ENGINE)
        engine.chmod(0o755)
        template = self.template_for(model)
        # 8.03 billion parameters at 8.5 bits, 1 GiB of cache, and buffers.
        need_mib = int(
            re.search(r"worker\.gpu\.memory\n *min: (\d+)", template.read_text()).group(1)
        )
        self.assertTrue(9000 < need_mib < 10500, need_mib)

        farm.start_brain()
        self.start_node("small", 8192)
        farm.wait_for_nodes(1)
        job = farm.submit(
            template,
            "-p", f"Model={model}",
            "-p", f"Prompts={prompts}",
            "-p", "Lines=1-2",
            "-p", f"OutputDir={farm.dir / 'answers'}",
            "-p", f"Engine={engine}",
        )  # fmt: skip
        why = farm.cli("job", "why", job).stdout
        self.assertIn("worker.gpu.memory", why)
        self.assertIn(str(need_mib), why)
        self.assertIn("8192", why)
        self.assertEqual(farm.job(job)["counts"]["ready"], 2)

        self.start_node("large", 24564)
        ended = farm.wait_for_end(job)
        self.assertEqual(ended["state"], "succeeded", ended)
        self.assertEqual({row["name"] for row in ended["nodes"]}, {"large"})
        self.assertEqual(
            (farm.dir / "answers/answer-2.txt").read_text(), "an answer to: who wrote this?\n"
        )

    def test_a_card_that_makes_no_sense_is_refused_with_its_place(self):
        farm = self.farm
        for text, part in (
            ('[[gpu]]\nname = "Test card"\n', ":1:1: a [[gpu]] must say its name and memory_mib"),
            ("gpu = 2\n", "'gpu' must be written as tables"),
            ('[[gpu]]\nname = "x"\nmemory_mib = -1\n', "'memory_mib' must be a number, 1 or more"),
            ('[[gpu]]\nname = ""\nmemory_mib = 1\n', "'name' must be a text that is not empty"),
            ('[[gpu]]\nwatts = 1\n', "unknown setting 'watts' in [[gpu]]"),
        ):
            config = farm.template(text, "bad.toml")
            done = farm.cli(
                "agent", "--data", farm.data, "--dir", farm.dir / "bad", "--config", config,
                check=False,
            )  # fmt: skip
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(part, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
