from pathlib import Path

from models.install.decoding import stated
from models.install.layout import Layout


def test_of_an_opus_release_what_its_decoder_file_says(tmp_path: Path) -> None:
    (tmp_path / "decoder.yml").write_text(
        "relative-paths: true\nmodels:\n  - opus.npz\nbeam-size: 6\nnormalize: 1\nword-penalty: 0\nmini-batch: 1\n"
    )
    assert stated(tmp_path, Layout.MARIAN) == {"beam-size": "6", "normalize": "1", "word-penalty": "0"}


def test_of_a_checkpoint_its_newer_file_goes_first(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"num_beams": 6, "length_penalty": 1.0, "d_model": 512}')
    (tmp_path / "generation_config.json").write_text('{"num_beams": 4, "bad_words_ids": [[9]]}')
    found = stated(tmp_path, Layout.TRANSFORMERS)
    assert found == {"num_beams": 4, "length_penalty": 1.0, "bad_words_ids": [[9]]}
