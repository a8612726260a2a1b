"""What a patient reads in the inbox, in English and Spanish, for a reading age of eleven."""

WORDS = {
    "en": {
        "lang": "en",
        "title": "Your messages",
        "who": "Is it you?",
        "who_text": "These messages are private. Type your birth date to read them.",
        "born": "Birth date",
        "open": "Show my messages",
        "wrong": "That is not the date we have. Please look at it once more.",
        "shut_title": "Shut for now",
        "shut_text": "There were too many wrong dates. Please try again later, or call us at {phone}.",
        "lead": "From {clinic}. Only you can read them here.",
        "none": "No messages",
        "none_text": "When we write to you here, you find it on this page.",
        "new": "New",
        "back": "All messages",
        "answer": "Write back",
        "answer_help": "Staff read this on working days. Do not write here in an emergency: call 911.",
        "send": "Send",
        "empty": "Please write something first.",
        "long": "Please keep it under 2,000 letters.",
        "sent": "We have your message. Thank you.",
        "leave": "Close my messages",
        "left": "Your messages are closed.",
        "call": "Call us",
    },
    "es": {
        "lang": "es",
        "title": "Sus mensajes",
        "who": "¿Es usted?",
        "who_text": "Estos mensajes son privados. Escriba su fecha de nacimiento para leerlos.",
        "born": "Fecha de nacimiento",
        "open": "Ver mis mensajes",
        "wrong": "No es la fecha que tenemos. Revísela, por favor.",
        "shut_title": "Cerrado por ahora",
        "shut_text": "Hubo demasiadas fechas equivocadas. Intente más tarde o llámenos al {phone}.",
        "lead": "De {clinic}. Solo usted puede leerlos aquí.",
        "none": "No hay mensajes",
        "none_text": "Cuando le escribamos aquí, lo verá en esta página.",
        "new": "Nuevo",
        "back": "Todos los mensajes",
        "answer": "Responder",
        "answer_help": "El personal lo lee en días de trabajo. En una emergencia no escriba aquí: llame al 911.",
        "send": "Enviar",
        "empty": "Escriba algo primero, por favor.",
        "long": "Escriba menos de 2,000 letras, por favor.",
        "sent": "Recibimos su mensaje. Gracias.",
        "leave": "Cerrar mis mensajes",
        "left": "Sus mensajes están cerrados.",
        "call": "Llámenos",
    },
}


def of(language: str, *, clinic: str, phone: str) -> dict[str, str]:
    """The words in the nearest language we have."""
    said = WORDS.get(language[:2], WORDS["en"])
    return {name: text.replace("{clinic}", clinic).replace("{phone}", phone) for name, text in said.items()}
