"""The door of people: one blueprint on which every page is registered, with the right it needs."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("pages", __name__, template_folder="templates")
