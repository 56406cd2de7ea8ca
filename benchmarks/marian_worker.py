"""MarianMT under transformers, asked by lines of JSON: run with the Python of that peer's own environment."""

import json
import sys
import time

import torch
from transformers import MarianMTModel, MarianTokenizer

BATCH = 32


def main() -> None:
    # One thread wastes least: its figures per CPU-second come out best.
    torch.set_num_threads(1)
    tokenizer = MarianTokenizer.from_pretrained(sys.argv[1])
    model = MarianMTModel.from_pretrained(sys.argv[1], torch_dtype=torch.float32).eval()

    def translate(texts: list[str]) -> list[str]:
        inputs = tokenizer(texts, return_tensors="pt", padding=True)
        with torch.inference_mode():
            outputs = model.generate(**inputs, num_beams=1, do_sample=False, max_new_tokens=256)
        return list(tokenizer.batch_decode(outputs, skip_special_tokens=True))

    for line in sys.stdin:
        order = json.loads(line)
        texts, size = order["texts"], BATCH if order["batched"] else 1
        wall, cpu = time.perf_counter(), time.process_time()
        ranked = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        replies = [""] * len(texts)
        for start in range(0, len(ranked), size):
            chosen = ranked[start : start + size]
            for index, reply in zip(chosen, translate([texts[index] for index in chosen]), strict=True):
                replies[index] = reply
        used = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps({**used, "replies": replies}), flush=True)


if __name__ == "__main__":
    main()
