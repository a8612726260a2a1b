"""What somebody reads who signs up for the newsletter, in English and Spanish, for a reading age of eleven."""

from rapport.experience.centre_words import spoken

WORDS = {
    "en": {
        "lang": "en",
        "title": "Our newsletter",
        "lead": "A few times a year: how to stay well, and what is new here. It is free, and you can stop at any time.",
        "email": "Your e-mail address",
        "given": "First name (if you like)",
        "family": "Last name (if you like)",
        "agree": "By pressing the button you say:",
        "join": "Send me the newsletter",
        "trap": "Leave this empty",
        "wrong_email": "Please look at the address again: something is missing, like in name@example.com.",
        "sent_title": "Please look into your mail",
        "sent_text": "If this address can get our newsletter, a message is on its way. "
        "Press the button in it to confirm. Until then nothing is sent.",
        "sent_help": "Nothing there after a few minutes? Look into the spam folder, or try again tomorrow.",
        "ask_title": "Is this right?",
        "ask_text": "Somebody asked for our newsletter with your e-mail address. Please tell us that it was you.",
        "yes": "Yes, send me the newsletter",
        "no": "It wasn't me",
        "ask_keep": "Nothing changes until you press a button.",
        "done_title": "Welcome!",
        "done_text": "You are on the list. The next newsletter comes to you by e-mail. Every one of them has a link to stop.",
        "no_title": "Thank you for telling us",
        "no_text": "We will not use this address for our newsletter.",
        "ended_title": "This link does not work any more",
        "ended_text": "It counts for seven days, and once. You are welcome to sign up again.",
        "again": "Sign up again",
        "other": "Español",
        "other_code": "es",
        "emergency": "Is this an emergency? Call 911.",
    },
    "es": {
        "lang": "es",
        "title": "Nuestro boletín",
        "lead": "Unas veces al año: cómo estar bien y qué hay de nuevo aquí. Es gratis y puede dejarlo cuando quiera.",
        "email": "Su correo electrónico",
        "given": "Nombre (si quiere)",
        "family": "Apellido (si quiere)",
        "agree": "Al pulsar el botón usted dice:",
        "join": "Envíenme el boletín",
        "trap": "Deje esto vacío",
        "wrong_email": "Mire otra vez la dirección: falta algo, como en nombre@example.com.",
        "sent_title": "Mire su correo, por favor",
        "sent_text": "Si esta dirección puede recibir nuestro boletín, ya va un mensaje en camino. "
        "Pulse el botón que trae para confirmar. Hasta entonces no enviamos nada.",
        "sent_help": "¿No llega nada en unos minutos? Mire en la carpeta de spam o pruebe otra vez mañana.",
        "ask_title": "¿Es correcto?",
        "ask_text": "Alguien pidió nuestro boletín con su dirección de correo. Díganos, por favor, que fue usted.",
        "yes": "Sí, envíenme el boletín",
        "no": "No fui yo",
        "ask_keep": "Nada cambia hasta que pulse un botón.",
        "done_title": "¡Qué bien tenerle!",
        "done_text": "Ya está en la lista. El próximo boletín le llega por correo. Cada uno trae un enlace para dejarlo.",
        "no_title": "Gracias por avisarnos",
        "no_text": "No usaremos esta dirección para nuestro boletín.",
        "ended_title": "Este enlace ya no funciona",
        "ended_text": "Vale durante siete días y una sola vez. Puede apuntarse otra vez.",
        "again": "Apuntarse otra vez",
        "other": "English",
        "other_code": "en",
        "emergency": "¿Es una emergencia? Llame al 911.",
    },
}


def of(language: str) -> dict[str, str]:
    return WORDS[spoken(language)]
