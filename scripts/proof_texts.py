"""What the proof files say (scripts/make_proof_files.py): Portuguese, written for Dragoman; people and places are invented."""

TITLE = "Relatório da biblioteca itinerante"
LEAD = "A carrinha da biblioteca percorreu o concelho durante todo o inverno, mesmo quando as estradas estavam cobertas de neve."
PARAGRAPHS = (
    "Na primeira semana visitámos quatro aldeias. As crianças escolheram livros de animais e de viagens, e os mais "
    "velhos pediram jornais antigos para recordar outros tempos.",
    "O motor avariou perto da ponte velha. O mecânico veio da vila com uma peça nova e não quis receber nada pelo "
    "trabalho, porque a sua filha também lê os nossos livros.",
    "Em fevereiro a escola pediu uma sessão especial. Lemos em voz alta durante duas horas, bebemos chá e combinámos "
    "voltar na primavera com histórias do mar.",
    "Os leitores devolveram quase tudo. Faltam apenas três romances e um atlas, que ficaram esquecidos numa cozinha "
    "depois de um aniversário.",
    "Para o próximo ano precisamos de pneus novos, de mais dois voluntários e de um horário que não coincida com a feira.",
)
HEADER = "Biblioteca itinerante do vale"
FOOTER = "Documento interno, não distribuir"
FOOTNOTE = "A ponte foi construída há mais de duzentos anos."
ENDNOTE = "Os jornais pertencem ao arquivo da câmara."
COMMENT = "Confirmar esta data com a escola."
BOX = "A próxima reunião é na quinta-feira à tarde."
LINK = "o sítio da biblioteca"
INSERTED = "e dois bibliotecários reformados"
DELETED = "e um gato preto"
LIST = (
    "Comprar pneus de inverno",
    "Reparar a lâmpada da estante",
    "Escrever aos leitores que mudaram de casa",
)
TABLE = (
    ("Aldeia", "Leitores", "Livro preferido"),
    ("Monte Frio", "34", "Histórias da montanha"),
    ("Ribeira Alta", "21", "O jardim secreto das abelhas"),
    ("Vale de Cima", "17", "Receitas da avó"),
)
CAPTION = "Quadro dos leitores por aldeia"
CHART, AXIS = "Leitores em cada aldeia", "Número de leitores"
NOTES = ("Falar devagar e mostrar o mapa.", "Agradecer aos voluntários antes de terminar.")
SLIDES = (
    (
        "Uma biblioteca sobre rodas",
        ("Quatro aldeias por semana", "Mais de mil livros emprestados", "Chá para todos"),
    ),
    ("O que correu bem", ("Os leitores devolvem os livros", "A escola quer repetir a visita")),
    ("O que vem a seguir", ("Pneus novos antes do inverno", "Um catálogo que se possa consultar em casa")),
)
ROWS = (
    ("Mês", "Livros", "Observação"),
    ("Janeiro", 120, "Muita neve nas estradas"),
    ("Fevereiro", 95, "O motor esteve avariado"),
    ("Março", 143, "As crianças voltaram à escola"),
    ("Abril", 160, "Sessão de leitura ao ar livre"),
)
SHEET = "Empréstimos"
ALT = "Fotografia da carrinha junto à igreja"
CHAT = (
    ("Ana", "Bom dia! Já chegou a carrinha?"),
    ("Rui", "Ainda não, está presa na neve."),
    ("Ana", "Então levo o chá para a estação."),
    ("Rui", "Obrigado. Traz também o livro das abelhas."),
)
CUES = (
    "Esta é a história de uma biblioteca.",
    "Todos os dias percorre\nas aldeias do vale.",
    "- Trouxe o meu livro?\n- Trouxe, está na caixa.",
    "E assim acaba o inverno.",
)
SUBJECT = "Visita da carrinha na próxima semana"
LETTER = (
    "Bom dia a todos,",
    "a carrinha passa na vossa aldeia na terça-feira, às dez horas da manhã. Quem quiser renovar os livros pode fazê-lo "
    "na praça, ao lado da fonte.",
    "Tragam sacos, por favor, porque as caixas já não chegam.",
    "Com os melhores cumprimentos,",
)
MESSAGES = (
    ("Guardar o livro", "save"), ("O livro não foi encontrado.", "missing"),
    ("Deseja mesmo apagar o leitor?", "confirm"), ("A sessão terminou; entre outra vez.", "session"),
)  # fmt: skip
