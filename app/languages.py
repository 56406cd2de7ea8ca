"""What languages are called in English, for lists that people choose from."""

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    code: name
    for code, _, name in (
        line.partition(" ")
        for line in """\
ace Acehnese
af Afrikaans
am Amharic
an Aragonese
ar Arabic
as Assamese
az Azerbaijani
ba Bashkir
bcl Central Bikol
be Belarusian
bg Bulgarian
bn Bengali
br Breton
bs Bosnian
ca Catalan
crh Crimean Tatar
cs Czech
cy Welsh
da Danish
de German
el Greek
en English
eo Esperanto
es Spanish
et Estonian
eu Basque
ext Extremaduran
fa Persian
ff Fulah
fi Finnish
fo Faroese
fr French
fy Western Frisian
ga Irish
gcf Guadeloupean Creole
gcr Guianese Creole
gd Scottish Gaelic
gl Galician
gn Guarani
gom Goan Konkani
gu Gujarati
guw Gun
ha Hausa
he Hebrew
hi Hindi
hr Croatian
ht Haitian Creole
hu Hungarian
hy Armenian
id Indonesian
ig Igbo
is Icelandic
it Italian
ja Japanese
jv Javanese
ka Georgian
kab Kabyle
ki Kikuyu
kk Kazakh
km Khmer
kn Kannada
ko Korean
ku Kurdish
ky Kyrgyz
la Latin
lb Luxembourgish
lg Ganda
lij Ligurian
ln Lingala
lo Lao
lt Lithuanian
ltg Latgalian
lv Latvian
mg Malagasy
mk Macedonian
ml Malayalam
mn Mongolian
mr Marathi
ms Malay
mt Maltese
my Burmese
ne Nepali
nl Dutch
no Norwegian
nso Northern Sotho
oc Occitan
om Oromo
or Odia
pa Punjabi
pcm Nigerian Pidgin
pl Polish
ps Pashto
pt Portuguese
qu Quechua
ro Romanian
ru Russian
rw Kinyarwanda
sa Sanskrit
se Northern Sami
si Sinhala
sk Slovak
sl Slovenian
sn Shona
so Somali
sq Albanian
sr Serbian
st Southern Sotho
sv Swedish
sw Swahili
ta Tamil
te Telugu
tg Tajik
th Thai
ti Tigrinya
tk Turkmen
tl Tagalog
tr Turkish
tt Tatar
ug Uyghur
uk Ukrainian
ur Urdu
uz Uzbek
vec Venetian
vi Vietnamese
vo Volapük
wa Walloon
xh Xhosa
yi Yiddish
yo Yoruba
zh Chinese
zu Zulu
""".splitlines()
    )
}


def name(code: str) -> str:
    """The code itself where its name is not known here."""
    return NAMES.get(code, code)
