"""The words of the public pages around messages, English and Spanish, written for a reading age of eleven."""

from django.http import HttpRequest

TOPICS = {
    "en": {
        "care": "messages about your care",
        "health_services": "news about our health services",
        "newsletter": "our newsletter",
        "survey": "surveys",
        "billing": "messages about bills",
        "fundraising": "requests for donations",
    },
    "es": {
        "care": "mensajes sobre su atención",
        "health_services": "noticias sobre nuestros servicios de salud",
        "newsletter": "nuestro boletín",
        "survey": "encuestas",
        "billing": "mensajes sobre facturas",
        "fundraising": "peticiones de donaciones",
    },
}
WORDS = {
    "en": {
        "lang": "en",
        "lost_title": "This link does not work any more",
        "lost_text": "It may have been cut off on its way. Please open the message again and press the link there, or call us.",
        "ask_title": "Stop these e-mails?",
        "ask_text": "We will stop sending you {topic} by e-mail.",
        "stop": "Stop these e-mails",
        "stop_all": "Only e-mails on care and bills",
        "keep": "You don't have to sign in. Nothing changes until you press a button.",
        "done_title": "Done. We have stopped.",
        "done_text": "You will get no more of {topic} by e-mail. This works from now on.",
        "done_all_text": "You will get no more e-mails from us, except about your care and your bills.",
        "undo": "I pressed this by mistake",
        "undone_title": "All is as it was",
        "undone_text": "We will keep sending you {topic} by e-mail.",
        "undo_nothing": "We can't take this back here. Please call us if you want our e-mails again.",
        "other": "Español",
        "other_code": "es",
    },
    "es": {
        "lang": "es",
        "lost_title": "Este enlace ya no funciona",
        "lost_text": "Quizás se cortó en el camino. Abra el mensaje otra vez y pulse el enlace, o llámenos.",
        "ask_title": "¿Dejar de recibir estos correos?",
        "ask_text": "Dejaremos de enviarle {topic} por correo electrónico.",
        "stop": "Dejar de recibir estos correos",
        "stop_all": "Solo mi atención y facturas",
        "keep": "No hace falta iniciar sesión. Nada cambia hasta que pulse un botón.",
        "done_title": "Listo. Ya no enviaremos más.",
        "done_text": "Ya no recibirá {topic} por correo electrónico. Vale desde ahora.",
        "done_all_text": "Ya no recibirá correos nuestros, salvo sobre su atención y sus facturas.",
        "undo": "Lo pulsé por error",
        "undone_title": "Todo queda como estaba",
        "undone_text": "Seguiremos enviándole {topic} por correo electrónico.",
        "undo_nothing": "No podemos deshacerlo aquí. Llámenos si quiere recibir de nuevo nuestros correos.",
        "other": "English",
        "other_code": "en",
    },
}


def of(language: str) -> dict[str, str]:
    return WORDS["es" if language.startswith("es") else "en"]


def topic(language: str, name: str) -> str:
    return TOPICS[of(language)["lang"]].get(name, name)


def language_of(request: HttpRequest, spoken: str = "") -> str:
    """What the reader chose on the page, else the language of the message, else what the browser asks for."""
    chosen = request.GET.get("lang", "")
    if chosen in WORDS:
        return chosen
    if spoken:
        return "es" if spoken.startswith("es") else "en"
    return "es" if request.headers.get("Accept-Language", "").lower().startswith("es") else "en"
