"""Every setting of Terrain, with its default and a sentence in English and French.

To add one, add a field below: `terrain settings`, the refusals and the documentation follow from it. Promise:
nothing is read here; what an environment says is understood or refused in `terrain/config.py`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

A_ROLE = r"\s*(owner|adviser|manager|administrator|viewer)"


def said(english: str, french: str, *, secret: bool = False, **limits: Any) -> Meta:
    """Say what a setting is for; a secret one is never printed."""
    return Meta(description=english, extra={"fr": french, "secret": secret}, **limits)


def where_data_lives() -> Path:
    """Return the folder of this machine's Terrain.

    Root's own home is closed to the unprivileged user that PostgreSQL must run as.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/terrain")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "terrain"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: Annotated[
        str,
        said(
            "Your own PostgreSQL (15 or later); empty: Terrain runs one in its data folder.",
            "Votre PostgreSQL (15 ou plus) ; vide : Terrain en fait tourner un dans son dossier.",
            secret=True,
        ),
    ] = ""
    data: Annotated[
        Path,
        said(
            "The folder where Terrain keeps its own PostgreSQL and its secret.",
            "Le dossier où Terrain garde son PostgreSQL et son secret.",
        ),
    ] = msgspec.field(default_factory=where_data_lives)
    host: Annotated[
        str,
        said(
            "The address that the web process listens on.",
            "L’adresse sur laquelle le processus web écoute.",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        said(
            "The port that the web process listens on.",
            "Le port sur lequel le processus web écoute.",
            ge=1,
            le=65535,
        ),
    ] = 8321
    public_url: Annotated[
        str,
        said(
            "The address that customers reach, for links in messages; empty: host and port.",
            "L’adresse que voient les clients, pour les liens des messages ; vide : hôte et port.",
            pattern=r"^(https?://[^\s]+)?$",
            examples=["https://terrain.example.org"],
        ),
    ] = ""
    smtp_url: Annotated[
        str,
        said(
            "Where e-mail leaves by; empty: a local sink keeps it and nothing leaves the machine.",
            "Par où part le courrier ; vide : un puits local le garde et rien ne sort.",
            secret=True,
            pattern=r"^(smtps?://[^\s]+)?$",
            examples=["smtp://name:password@host:587"],
        ),
    ] = ""
    mail_from: Annotated[
        str,
        said(
            "The address that messages come from.",
            "L’adresse d’où viennent les messages.",
            pattern=r"^[^@\s<>]+@[^@\s<>]+$",
            examples=["hello@example.org"],
        ),
    ] = "terrain@localhost"
    mail_returns: Annotated[
        str,
        said(
            "The address that bounces come back to; empty: the one that messages come from.",
            "L’adresse où reviennent les rejets ; vide : celle d’où viennent les messages.",
            pattern=r"^([^@\s<>]+@[^@\s<>]+)?$",
            examples=["bounces@example.org"],
        ),
    ] = ""
    mail_per_minute: Annotated[
        int,
        said(
            "How many messages a minute one mail domain gets at most; 0: as many as there are.",
            "Combien de messages par minute au plus pour un même domaine ; 0 : sans limite.",
            ge=0,
            le=1_000_000,
        ),
    ] = 600
    imap_url: Annotated[
        str,
        said(
            "The mailbox in which bounces and replies arrive; empty: nobody looks.",
            "La boîte où arrivent rejets et réponses ; vide : personne ne regarde.",
            secret=True,
            pattern=r"^(imaps?://[^\s]+)?$",
            examples=["imaps://name:password@host/INBOX"],
        ),
    ] = ""
    sink_port: Annotated[
        int,
        said(
            "The port of the local sink that keeps mail while no mail server is set.",
            "Le port du puits local qui garde le courrier tant qu’aucun serveur n’est réglé.",
            ge=1,
            le=65535,
        ),
    ] = 8325
    inbound_secret: Annotated[
        str,
        said(
            "What mail services sign bounces and complaints with (whsec_…); empty: refuse them.",
            "Ce qui signe rejets et plaintes des services de courrier (whsec_…) ; vide : refusés.",
            secret=True,
            pattern=r"^(whsec_.{24,})?$",
            examples=["whsec_…"],
        ),
    ] = ""
    secret: Annotated[
        str,
        said(
            "The key that signs links and tokens; empty: made once and kept in the data folder.",
            "La clé qui signe liens et jetons ; vide : créée une fois, gardée dans le dossier.",
            secret=True,
            pattern=r"^(.{32,})?$",
            examples=["32 characters or more"],
        ),
    ] = ""
    automations: Annotated[
        Path,
        said(
            "The folder of your automation files.",
            "Le dossier de vos fichiers d’automatisation.",
        ),
    ] = Path("automations")
    catalogue: Annotated[
        str,
        said(
            "Your product catalogue (YAML, CSV or JSON Lines); empty: products are as events say.",
            "Votre catalogue de produits (YAML, CSV, JSON Lines) ; vide : d’après les évènements.",
        ),
    ] = ""
    language: Annotated[
        Literal["en", "fr"],
        said(
            "The language spoken to whoever has not said which one they read.",
            "La langue parlée à qui n’a pas dit laquelle il lit.",
        ),
    ] = "en"
    company: Annotated[
        str,
        said(
            "The name that messages are signed with.",
            "Le nom dont les messages sont signés.",
            min_length=1,
        ),
    ] = "Terrain"
    company_address: Annotated[
        str,
        said(
            "The postal address under every message, in one line.",
            "L’adresse postale au pied de chaque message, en une ligne.",
        ),
    ] = ""
    country: Annotated[
        str,
        said(
            "The country whose law holds where a customer’s own is unknown (two letters).",
            "Le pays dont le droit vaut quand celui du client est inconnu (deux lettres).",
            pattern=r"^[A-Z]{2}$",
            examples=["FR"],
        ),
    ] = "FR"
    time_zone: Annotated[
        str,
        said(
            "The time zone of a customer whose own is unknown.",
            "Le fuseau horaire d’un client dont on ne connaît pas le sien.",
            examples=["Europe/Paris"],
        ),
    ] = "Europe/Paris"
    erase_after_days: Annotated[
        int,
        said(
            "For how many days a customer can take back the wish to be erased; 0: gone at once.",
            "Pendant combien de jours un client peut renoncer à être effacé ; 0 : tout de suite.",
            ge=0,
            le=28,
        ),
    ] = 3
    workers: Annotated[
        int,
        said(
            "How many worker processes `terrain up` starts.",
            "Combien de processus de travail lance `terrain up`.",
            ge=1,
            le=64,
        ),
    ] = 1
    sends: Annotated[
        bool,
        said(
            "Whether workers send acts out; one on a machine without a way out only decides.",
            "Si les processus de travail envoient les actes ; sans accès au dehors, ils décident.",
        ),
    ] = True
    oidc_issuer: Annotated[
        str,
        said(
            "The issuer of your company’s own sign-in (OpenID Connect); empty: there is none.",
            "L’émetteur de l’identification de votre entreprise (OpenID Connect) ; vide : aucun.",
            pattern=r"^(https://[^\s]+|http://(127\.0\.0\.1|localhost)[:/][^\s]*)?$",
            examples=["https://id.example.org/realms/staff"],
        ),
    ] = ""
    oidc_client_id: Annotated[
        str,
        said(
            "The name under which that sign-in knows Terrain.",
            "Le nom sous lequel cette identification connaît Terrain.",
        ),
    ] = ""
    oidc_client_secret: Annotated[
        str,
        said(
            "The secret that Terrain shows to it.",
            "Le secret que Terrain lui montre.",
            secret=True,
        ),
    ] = ""
    oidc_name: Annotated[
        str,
        said(
            "What the button of that sign-in says.",
            "Ce que dit le bouton de cette identification.",
            min_length=1,
            max_length=40,
        ),
    ] = "OpenID"
    oidc_domains: Annotated[
        str,
        said(
            "Mail domains whose people may come without an invitation; empty: only those invited.",
            "Les domaines dont les gens entrent sans invitation ; vide : seulement les invités.",
            pattern=r"^([a-zA-Z0-9.-]+\.[a-zA-Z]{2,}(\s*,\s*|$))*$",
            examples=["example.org, example.com"],
        ),
    ] = ""
    oidc_roles: Annotated[
        str,
        said(
            "The roles of somebody who comes this way for the first time.",
            "Les rôles de qui entre par là pour la première fois.",
            pattern=rf"^({A_ROLE}(\s*,\s*|$))+$",
            examples=["viewer", "adviser, owner"],
        ),
    ] = "viewer"
    oidc_claim: Annotated[
        str,
        said(
            "The claim that names somebody’s groups, to give roles at every sign-in; empty: none.",
            "La revendication qui nomme les groupes, pour donner les rôles à chaque entrée ; vide : aucune.",
            examples=["groups"],
        ),
    ] = ""
    oidc_claim_roles: Annotated[
        str,
        said(
            "Which role each group stands for.",
            "Le rôle que vaut chaque groupe.",
            pattern=rf"^([^=,]+={A_ROLE}\s*(,\s*|$))*$",
            examples=["marketing=owner, front-line=adviser"],
        ),
    ] = ""
    oidc_only: Annotated[
        bool,
        said(
            "Whether that sign-in is the only way in; a terminal of the machine still opens.",
            "Si cette identification est la seule entrée ; un terminal de la machine ouvre encore.",
        ),
    ] = False
    audit_days: Annotated[
        int,
        said(
            "For how many days lines of the audit log are kept; 0: for ever.",
            "Combien de jours les lignes du journal des actions sont gardées ; 0 : toujours.",
            ge=0,
            le=36_500,
        ),
    ] = 365
    watch_url: Annotated[
        str,
        said(
            "Where a signed webhook goes when an automation is stopped; empty: nowhere.",
            "Où va un webhook signé quand une automatisation est arrêtée ; vide : nulle part.",
            pattern=r"^(https?://[^\s]+)?$",
            examples=["https://pager.example.org/terrain"],
        ),
    ] = ""
    answer_minutes: Annotated[
        int,
        said(
            "How many minutes somebody has to answer for a stopped automation before the next is told.",
            "Combien de minutes pour répondre d’une automatisation arrêtée avant le palier suivant.",
            ge=1,
            le=10_080,
        ),
    ] = 60
    weekly_letter: Annotated[
        bool,
        said(
            "Whether owners and managers get a letter each Monday on how their automations did.",
            "Si chaque lundi une lettre dit à qui en répond comment vont ses automatisations.",
        ),
    ] = True
    recall_alone: Annotated[
        int,
        said(
            "Up to how many people one person may make good for alone; above, a second one agrees.",
            "Jusqu’à combien de personnes on répare seul ; au-delà, une seconde personne approuve.",
            ge=0,
            le=1_000_000,
        ),
    ] = 20
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        said("How much is written to the log.", "Ce qui est écrit au journal."),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "human", "json"],
        said(
            "How the log is written; auto: for a person on a terminal, JSON anywhere else.",
            "La forme du journal ; auto : lisible sur un terminal, JSON ailleurs.",
        ),
    ] = "auto"
