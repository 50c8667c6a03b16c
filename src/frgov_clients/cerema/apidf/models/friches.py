"""Brownfield sites (Cartofriches)."""

from __future__ import annotations

from typing import ClassVar

from .columns import Amount, Code, Codes, Count, Hidden, Label
from .rows import Row

__all__ = ["Friche"]


class Friche(Row):
    """A site that has lost its use. A list gives the first columns, `friche(site_id)` about 80.

    What names the owner is kept, and stands in no `repr`.
    """

    key_columns: ClassVar = ("site_id",)

    site_id: str
    site_nom: Label = None
    site_type: Label = None
    """`friche industrielle`, `friche commerciale`, `inconnu`, ..."""
    site_adresse: Label = None
    site_statut: Label = None
    """`friche potentielle`, `friche sans projet`, `friche avec projet`, `friche reconvertie`, ..."""
    comm_nom: Label = None
    comm_insee: Code = None
    dep: Code = None
    proprio_personne: Label = None
    """`personne morale`, `personne physique`, ...: a kind, not a name."""
    unite_fonciere_surface: Amount = None
    """m²."""
    unite_fonciere_refcad: Codes = ()
    """Identifiers of the parcels, 14 characters."""
    source_nom: Label = None
    nature: Label = None
    urba_zone_type: Label = None
    """`U`, `AU`, `A`, `N`, ..."""
    site_identif_date: Label = None
    site_actu_date: Label = None
    site_url: Label = None
    site_occupation: Label = None
    site_vocadomi: Label = None
    site_reconv_annee: Label = None
    site_reconv_type: Label = None
    site_numero_basias: Code = None
    site_numero_basol: Code = None
    activite_libelle: Label = None
    activite_code: Code = None
    bati_type: Label = None
    bati_nombre: Count = None
    bati_surface: Amount = None
    bati_pollution: Label = None
    bati_vacance: Label = None
    bati_patrimoine: Label = None
    bati_etat: Label = None
    proprio_type: Hidden = None
    """As the service writes it, sometimes one character at a time."""
    proprio_nom: Hidden = None
    """As the service writes it, sometimes one character at a time."""
    sol_pollution_existe: Label = None
    sol_pollution_origine: Label = None
    urba_zone_lib: Label = None
    urba_doc_type: Label = None
    zonage_enviro: Label = None
    source_url: Label = None
    source_producteur: Label = None
    source_contact: Hidden = None
