"""What stands in every letter: the head with its looks in the dark, the words of the footer."""

HEAD = """<mj-head>
<mj-title>{title}</mj-title>
<mj-attributes>
<mj-all font-family="{font}" />
<mj-text font-size="17px" line-height="1.6" color="{ink}" padding="0 32px 16px" />
<mj-button background-color="{accent}" color="{on_accent}" border-radius="8px"
  font-size="17px" font-weight="600" inner-padding="14px 28px" padding="8px 32px 24px" align="left" />
<mj-section background-color="#ffffff" padding="0" />
</mj-attributes>
<mj-style>
a {{ color: {accent}; }}
h1.h, h2.h, h3.h {{ margin: 0; font-size: inherit; line-height: inherit; font-weight: inherit; }}
p {{ margin: 0 0 12px; }}
p:last-child {{ margin-bottom: 0; }}
@media (prefers-color-scheme: dark) {{
.page, .ground, .ground > table {{ background: #14181b !important; }}
.brand div {{ color: #dfe6e9 !important; }}
.card, .card > table, .card td {{ background-color: #1e2428 !important; }}
.card div, .card td, .card li, .card strong {{ color: #e8edf0 !important; }}
.card a {{ color: {dark_link} !important; }}
.card a[target] {{ color: {on_accent} !important; }}
.card .inset {{ background: #262e33 !important; }}
.quiet div, .quiet a {{ color: #a9b4bb !important; }}
}}
</mj-style>
</mj-head>"""
WORDS = {
    "en": {"stop": "Stop these e-mails", "choices": "Choose what you get"},
    "es": {"stop": "Dejar de recibir estos correos", "choices": "Elegir qué recibir"},
}
# Nobody can press paper: how to stop is said in words.
STOP_BY_HAND = {
    "en": "To get no more letters like this, "
    '{% if clinic.phone != "" %}call {{ clinic.phone }} or {% endif %}write to {{ clinic.name }}, {{ clinic.address }}.',
    "es": "Para no recibir más cartas como esta, "
    '{% if clinic.phone != "" %}llame al {{ clinic.phone }} o {% endif %}escriba a {{ clinic.name }}, {{ clinic.address }}.',
}
STOP = '<a href="{{{{ links.unsubscribe }}}}">{stop}</a>'
