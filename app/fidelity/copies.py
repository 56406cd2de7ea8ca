# ruff: noqa: RUF001 - quotation marks and dashes
"""Whether a translation is its source, where that says something: names and codes stay as they are with good reason.

Ordinary words of English, Portuguese, Spanish and French tell, and only those that the other language does not have.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache

from app.fidelity.languages import known

_LEAST_SMALL = 3
"""Words in small letters that no name holds."""
_LEAST_CAPITALS = 4
"""Letters: WHO, US and IT are names."""
# No words that make names (May, rose), and none that are alike in most languages.
_EN = """
i you he she it we they me him them my your his her their our its this that these those what where when who why how
which am is are was were be been being have has had do does did don't can can't could would should must shall not
isn't and but because if then than with without from about into after before between under over for at by out off up
down here there now today tomorrow yesterday tonight always never again soon already still only also very too more
less much many some any every each nobody nothing something everything someone yes please thanks thank hello goodbye
sorry good bad morning afternoon evening night day week month year open opened close closed push pull entrance way
exit help danger warning stop keep left right free full empty old new big small hot cold happy sad come go went going
want wants need needs know knows see saw said say says tell told give gave take took get got make made eat drink sleep
speak talk call called send sent wait waiting pay paid buy sold find found look looking man woman child children boy
girl people friend mother father brother sister son daughter husband wife baby house street road door window room car
money water food work job phone name knife gun dog cat shop school church bed lost stolen broken dead hurt ill sick
afraid late early ready welcome nice fine alone
"""
_PT = """
eu tu você vocês ele ela nós eles elas meu minha teu tua seu sua nosso nossa isto isso aquilo este esta esse essa quem
onde quando como porque qual quanto quantos sou és é somos são era foi ser estar estou está estamos estão estava ter
tenho tem temos têm tinha fazer faço faz fez posso pode podem poder não nem sim mas ou então se com sem para por pelo
pela até desde entre sobre depois antes debaixo aqui ali lá agora hoje amanhã ontem sempre nunca já ainda também muito
muita muitos pouco mais menos bem mal tudo nada alguém ninguém algo obrigado obrigada olá adeus desculpe desculpa bom
boa bons boas dia noite tarde manhã semana mês ano aberto aberta fechado fechada empurre puxe entrada saída ajuda
socorro perigo aviso cuidado pare esquerda direita livre cheio vazio velho velha novo nova grande pequeno quente frio
vem vai fui ir vamos quero quer precisa preciso sei sabe vi viu disse diz dá deu pega tomar comer beber dormir falar
fala chamar enviar espera esperar pagar comprar encontrar fica ficar homem mulher criança menino menina rapaz pessoas
gente amigo amiga mãe pai irmão irmã filho filha marido esposa bebé bebê casa rua estrada porta janela quarto carro
dinheiro água comida trabalho telefone nome faca arma cão cachorro gato loja escola igreja cama perdido perdida
roubado roubada partido morto ferido doente medo cedo pronto bem-vindo sozinho do da dos das de o a os as um uma no na
"""
_ES = """
yo tú usted ustedes él ella nosotros ellos ellas mi mío tu tuyo su nuestro nuestra esto eso aquello este esta ese esa
quién dónde cuándo cómo porque cuál cuánto soy eres es somos son era fue ser estar estoy está estamos están estaba
tener tengo tiene tenemos tienen tenía hacer hago hace hizo puedo puede pueden poder no ni sí pero o entonces si con
sin para por hasta desde entre sobre después antes debajo aquí allí ahora hoy mañana ayer siempre nunca ya todavía
también muy mucho mucha muchos poco más menos bien mal todo nada alguien nadie algo gracias hola adiós perdón bueno
buena buenos buenas día días noche noches tarde tardes semana mes año abierto abierta cerrado cerrada empuje tire
entrada salida ayuda socorro peligro aviso cuidado pare izquierda derecha libre lleno vacío viejo vieja nuevo nueva
grande pequeño caliente frío ven va fui ir vamos quiero quiere necesita necesito sé sabe vi vio dijo dice da dio tomar
comer beber dormir hablar habla llamar enviar espera esperar pagar comprar encontrar queda hombre mujer niño niña
chico chica personas gente amigo amiga madre padre hermano hermana hijo hija marido esposa bebé casa calle carretera
puerta ventana cuarto coche dinero agua comida trabajo teléfono nombre cuchillo arma perro gato tienda escuela iglesia
cama perdido perdida robado robada roto muerto herido enfermo miedo temprano listo bienvenido solo del de el la los
las un una lo
"""
_FR = """
je tu vous il elle nous ils elles mon ma mes ton ta tes sa ses notre votre leur ceci cela ça ce cet cette ces qui où
quand comment pourquoi parce quel quelle combien suis es est sommes sont était été être avoir ai avons ont avait faire
fais fait peux peut peuvent pouvoir pas ne ni oui non mais ou alors si avec sans pour par jusque depuis entre sur
après avant dessous ici là maintenant aujourd'hui demain hier toujours jamais déjà encore aussi très beaucoup peu plus
moins bien mal tout rien quelqu'un personne merci bonjour bonsoir salut désolé désolée bon bonne bons
bonnes jour nuit soir matin après-midi semaine mois année ouvert ouverte fermé fermée poussez tirez entrée sortie aide
secours danger arrêtez gauche droite libre plein vide vieux vieille nouveau nouvelle grand petit chaud froid
viens va vais aller allons veux veut besoin sais sait vu dit donne prendre manger boire dormir parler parle appeler
envoyer attendre payer acheter trouver reste homme femme enfant garçon fille gens ami amie mère père frère sœur fils
mari bébé maison rue porte fenêtre chambre voiture argent eau nourriture travail téléphone nom couteau arme
chien chat magasin école église lit perdu perdue volé volée cassé mort blessé malade peur tôt tard prêt bienvenue seul
de du des le la les un une et à en
"""
_LISTS = {"en": _EN, "es": _ES, "fr": _FR, "pt": _PT}
_JOINTS = """
de do da dos das del du des el la las los le les lo o os a as un une um uma una no na en et à y e ou of the and on upon
in for at by under
"""
_IN_NAMES = frozenset(_JOINTS.split())


def copied(source: str, translation: str, *, languages: tuple[str, str] | None) -> bool:
    source = source.strip()
    if source != translation.strip():
        return False
    found = [word.strip("\"'“”«»‹›„‚()[]¿¡!?.,;:…–—-") for word in source.split()]
    if sum(word.isalpha() and word.islower() for word in found) >= _LEAST_SMALL:
        return True
    if languages is not None and languages[0] == languages[1]:
        return False
    telling = _telling(*(languages or (None, None)))
    return any(word.lower() in telling for word in _said(found))


def _said(found: Sequence[str]) -> list[str]:
    """Those that are no part of a name: in small letters, at the beginning, or of a text all in capitals."""
    spoken = [word for word in found if any(map(str.isalpha, word))]
    if not spoken:
        return []
    if all(map(str.isupper, spoken)):
        return [word for word in spoken if len(word) >= _LEAST_CAPITALS]
    small = [word for word in spoken if word.islower()]
    ordinary = all(word.lower() in _every() for word in spoken)
    return [*small, *spoken[:1]] if len(spoken) == 1 or ordinary or _any_but_joints(small) else small


def _any_but_joints(small: Sequence[str]) -> bool:
    return not _IN_NAMES.issuperset(small)


@cache
def _telling(source: str | None, target: str | None) -> frozenset[str]:
    """Words of one of the two languages alone, of either: an English copy of what was declared Portuguese is a copy.

    Of any of the four where the languages are not known.
    """
    if source is None or target is None:
        return _of_one() - _IN_NAMES
    mine, other = _ordinary(source), _ordinary(target)
    return ((mine - other - _common(target)) | (other - mine - _common(source))) - _IN_NAMES


def _common(language: str) -> frozenset[str]:
    found = known().get(language)
    return found.common if found else frozenset()


@cache
def _every() -> frozenset[str]:
    return frozenset().union(*map(_ordinary, _LISTS))


@cache
def _of_one() -> frozenset[str]:
    homes = Counter(word for language in _LISTS for word in _ordinary(language))
    return frozenset(word for word, count in homes.items() if count == 1)


@cache
def _ordinary(language: str) -> frozenset[str]:
    return frozenset(_LISTS[language].split()) if language in _LISTS else frozenset()
