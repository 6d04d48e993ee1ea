"""Words and sentences that no report may have, in English, French, Spanish and Portuguese.

Three faults: a word that claims more than evidence can show; a sentence that gives the probability
of a proposition where that of the evidence is meant (Evett & Weir 1998, Interpreting DNA Evidence:
"the prosecutor's fallacy"); a probability of a proposition without its prior. These are words: a
sentence that commits a fault in other words gets past them.
"""

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["find_faults"]

_WORD = r"(?<!\w)(?:{})(?!\w)"


def _compile_all(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


_HUNDRED = (
    r"(?<![\d.,])(?:100(?:[.,]0+)?|(?:an? |one )?hundred|cent|cien(?:to)?|cem)[\s\u00a0\u202f]*"
)
_OVERSTATED = _compile_all(
    # English
    _WORD.format(r"irrefutabl[ey]"),
    _WORD.format(
        r"(?<!a )(?<!un )(?<!d'un )(?<!à )certain"
        r"(?! (?:number|amount|kind|type|extent|cases?|nombre|temps)\b)"
    ),
    _WORD.format(r"certainly|certainty|we are sure|sure that|guaranteed?s?"),
    _WORD.format(r"definitely|undeniabl[ey]|(?:no|without|beyond) question"),
    _WORD.format(r"conclusively|definitively|undoubtedly|indisputabl[ey]|unequivocal(?:ly)?"),
    _WORD.format(r"(?:without|beyond) (?:an?y? |all )?(?:reasonable |shadow of a? ?)?doubt"),
    _WORD.format(r"scientifically established|established beyond|(?:no|little) doubt"),
    _WORD.format(r"to the exclusion of all others?|no other \w+ could"),
    _WORD.format(r"proved|proven|proves|never errs|error[- ]free|infallibl[ey]"),
    _WORD.format(r"zero (?:error|risk)|no possibility of error|unique to"),
    # French
    _WORD.format(r"irréfutable(?:s|ment)?|irréfragables?|incontestable(?:s|ment)?"),
    _WORD.format(r"(?:est|sont|il est|c'est) (?:certaine?s?|sûre?s?)|(?:à|de) coup sûr"),
    _WORD.format(r"(?<!degré de )certitude|certainement|assurément|indiscutable(?:s|ment)?"),
    _WORD.format(r"définitivement|de (?:façon|manière) (?:définitive|certaine|formelle)"),
    _WORD.format(r"sans (?:aucun |nul |l'ombre d'un |le moindre )?doute|indubitable(?:s|ment)?"),
    _WORD.format(r"(?:aucun|nul) doute"),
    _WORD.format(r"(?:hors de|au[- ]delà de) tout doute(?: raisonnable)?"),
    _WORD.format(r"prouvée?s?|prouvent|prouve|preuve (?:formelle|absolue|certaine)"),
    _WORD.format(r"infaillible(?:s|ment)?|aucun autre \w+ n'a pu|à l'exclusion de tout autre"),
    # Spanish
    _WORD.format(r"irrefutables?|irrefutablemente|incuestionable(?:s|mente)?|inequívocamente"),
    _WORD.format(
        r"(?:es|son|está|están|resulta|resultan|estamos) (?:cien por cien )?"
        r"(?:ciert|segur)[oa]s?(?! (?:número|tipo|medida)\b)"
    ),
    _WORD.format(r"(?<!grado de )(?<!grau de )certeza|ciertamente|con (?:toda |total |plena )?seguridad|sin duda alguna"),
    _WORD.format(r"sin (?:ninguna |lugar a |la menor |sombra de )?dudas?|indudable(?:s|mente)?"),
    _WORD.format(r"(?:fuera de|más allá de) (?:toda )?duda(?: razonable)?"),
    _WORD.format(r"no (?:hay|cabe) (?:ninguna )?duda"),
    _WORD.format(
        r"(?:está|están|queda|quedan|ha|han|fue|fueron|es|son)(?: sido)? "
        r"(?:com)?(?:probad|demostrad)[oa]s?"
    ),
    _WORD.format(r"probado|prueba que|prueban que|demuestra que|demuestran que|comprobado que"),
    _WORD.format(r"de forma definitiva|definitivamente|infalibles?|con exclusión de (?:todo|cualquier)"),
    # Portuguese
    _WORD.format(r"irrefutável|irrefutáveis|inquestionável|inquestionáveis|inequivocamente"),
    _WORD.format(r"certamente|(?:é|são|está|estão) (?:cert[oa]s?|segur[oa]s?)"),
    _WORD.format(r"sem (?:qualquer |nenhuma |sombra de )?dúvidas?|indubitável|indubitavelmente"),
    _WORD.format(r"não há dúvidas?"),
    _WORD.format(r"(?:para )?além d[ae] (?:toda a |qualquer )?dúvida(?: razoável)?"),
    _WORD.format(r"provad[oa]s?|prova que|provam que|comprovad[oa]s?|infalível|infalíveis"),
    # All
    _HUNDRED + r"(?:%|per ?cent|pour ?cent|por ?ciento|por ?cien|por ?cento)(?!\w)",
    r"(?<![\d.,])0[\s\u00a0\u202f]*% (?:error|erreur|d'erreur|de error|de erro)",
    _WORD.format(r"(?:cero|zero|zéro) (?:errores|error|erros?|erreurs?|risque|riesgo|risco)"),
)  # fmt: skip
# A word that is denied just before it is not an overstatement; nor is a liquid or letters that agree.
_DENIED = re.compile(
    r"\b(?:not|cannot|can't|never|nor|neither|ne|n'\w+|pas|jamais|nunca|não)\b.{0,30}$"
    r"|\bno\s+(?:\w+\s+){0,2}$(?<!no doubt )",
    re.IGNORECASE,
)
_OF_A_MEASURE = re.compile(
    r"identi|ethanol|alco+h?ol|éthanol|etanol|\bbases?\b|%[\s\u00a0]+(?:of (?:the )?|des |de los |de las |dos |das )"
    r"(?:animals|samples|reads|individuals|animaux|échantillons|lectures|individus|animales|muestras|"
    r"lecturas|individuos|animais|amostras|leituras)",
    re.IGNORECASE,
)

_TRANSPOSED = _compile_all(
    # English
    r"(?:times|fold) (?:more|as) (?:likely|probable)(?! if\b| under\b| given\b)",
    r"\b(?:more|less|far more|very|most|quite|highly) (?:likely|probable) (?:that|to be|to have|"
    r"to come|to originate|the|it|from)\b",
    r"\blikelier (?:that|to|from)\b",
    r"\bodds (?:are|is|of)\b|\bodds .{0,20}in favou?r of",
    r"\bchances? (?:that|the|in a|of)\b|% chance\b|one chance in",
    r"likelihood ratio .{0,30}means that",
    r"\d[\s\u00a0]*(?:%|per ?cent) (?:likely|probable|confident)\b",
    r"\bone in (?:a|\d+) (?:hundred|thousand|million|billion)\b|\b1 in \d[\d\s\u00a0.,^]* that\b",
    # French: "plus probables si" speaks of the evidence, "plus probable que" of the proposition.
    r"fois plus (?:probable|vraisemblable)s? (?:que?(?! si\b)\b|qu')",
    r"\bil est (?:très|plus|fort|hautement|extrêmement|bien plus)? ?(?:probable|vraisemblable) (?:que|qu')",
    r"\bune chance sur\b|\b\d[\d\s\u00a0.,]* chances? sur\b|% de chances?\b|\bchances? (?:que|qu'|pour que)",
    r"rapport de vraisemblance .{0,30}(?:signifie|veut dire) que",
    # Spanish
    r"veces más (?:probable|verosímil)(?:es)? que(?! si\b)\b",
    r"\bes (?:muy |más |altamente |mucho más |sumamente )?(?:probable|verosímil) que\b",
    r"\bun[ao]? (?:posibilidad|probabilidad) entre\b|\buna en un mill[oó]n\b|% de (?:posibilidades|"
    r"probabilidades)\b|\blas probabilidades (?:son|de que)\b",
    r"(?:razón|cociente|relación) de verosimilitud(?:es)? .{0,30}significa que",
    # Portuguese
    r"vezes mais prováve(?:l|is) (?:que|do que)(?! se\b)\b",
    r"\bé (?:muito |mais |altamente )?provável que\b",
    r"\buma (?:hipótese|chance|probabilidade|possibilidade) em\b|% de (?:chance|hipóteses)\b",
    r"(?:razão|quociente) de verossimilhança .{0,30}significa que",
)  # fmt: skip
_OF_A_PROPOSITION = re.compile(
    r"(?:probability|likelihood|probabilité|vraisemblance|probabilidad|probabilidade)\s+"
    r"(?:that|of|que|qu'|de que)\s+(?:(?:the|this|it|an?|le|la|cet(?:te)?|ce|el|o|a)\b|l'|[A-Z]\w)"
    r"|with a (?:posterior )?probability of \d|\bposterior probability\b|\bwith probability \d"
    r"|\d[\s\u00a0]*(?:%|per ?cent) probability\b|\bprobability is \d[\d.,]*[\s\u00a0]*% that\b"
    r"|\d[\s\u00a0]*% (?:de )?(?:probabilité|probabilidade?)\b"
    r"|\bavec une probabilité (?:a posteriori )?de \d|\bprobabilité (?:a|à) posteriori\b"
    r"|\bcon una probabilidad (?:a posteriori )?de \d|\bprobabilidad a posteriori\b"
    r"|\bcom uma probabilidade (?:a posteriori )?de \d|\bprobabilidade a posteriori\b",
)
# Of evidence, and not of a proposition; or that none is meant.
_OF_EVIDENCE = re.compile(
    r"match probability|\b(?:no|aucune|ninguna|nenhuma) prob|probabilité de (?:coïncidence|concordance)|probabilidad(?:e)? de coincid",
    re.IGNORECASE,
)
# "The library holds the species with a probability of 0.9" is a prior, and says so by what it is of.
_PRIOR = re.compile(
    r"\bpriors?\b.{0,30}\d|\bprior (?:probability|odds)\b|\b[aà] priori\b|préalable|\bprevia\b|\bprévia\b"
    r"|library holds the species with a probability|bibliothèque contient l'espèce avec une probabilité"
    r"|biblioteca contiene la especie con una probabilidad|biblioteca contém a espécie com uma",
    re.IGNORECASE,
)


def find_faults(text: str) -> Iterator[tuple[str, str]]:
    """Yield code and words of each fault of a text, sentence by sentence.

    Parameters
    ----------
    text : str

    Yields
    ------
    code : str
        ``OVERSTATED``, ``TRANSPOSED`` or ``PRIOR_UNSTATED``.
    words : str
        The word, or the sentence.

    Examples
    --------
    >>> list(find_faults("Il est prouvé que c'est de l'ivoire."))
    [('OVERSTATED', 'prouvé')]
    """
    for sentence in re.split(r"(?<=[.!?;])\s+", _plain(text)):
        if word := _overstated(sentence):
            yield "OVERSTATED", word
        if any(pattern.search(sentence) for pattern in _TRANSPOSED):
            yield "TRANSPOSED", sentence.strip()
        elif (
            _OF_A_PROPOSITION.search(sentence)
            and not _PRIOR.search(sentence)
            and not _OF_EVIDENCE.search(sentence)
        ):
            yield "PRIOR_UNSTATED", sentence.strip()


def _plain(text: str) -> str:
    """Return a text as it is read: without signs that nobody sees, and with single blanks.

    A soft hyphen or a second blank in a word or phrase would hide it.
    """
    text = unicodedata.normalize("NFKC", text.replace("\u2019", "'"))
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return re.sub(r"\s+", " ", visible)


def _overstated(sentence: str) -> str:
    """Return the word by which a sentence claims too much; nothing where there is none."""
    for pattern in _OVERSTATED:
        for match in pattern.finditer(sentence):
            word = match.group(0).strip()
            measured = word[0] in "10" and _OF_A_MEASURE.search(sentence)
            if not measured and not _DENIED.search(sentence[: match.start()]):
                return word
    return ""
