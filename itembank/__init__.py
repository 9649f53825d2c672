"""What is asked: one format-free question, its checks, its grading, its files."""

from itembank.check import Report, check, check_items
from itembank.files import SHIPPED, gather
from itembank.grade import UnreadableResponse, grade
from itembank.model import Fact, Item, Match, Option, Parameters
from itembank.problem import Problem
from itembank.reading import Draft, Place, Reading

__all__ = [
    "SHIPPED",
    "Draft",
    "Fact",
    "Item",
    "Match",
    "Option",
    "Parameters",
    "Place",
    "Problem",
    "Reading",
    "Report",
    "UnreadableResponse",
    "check",
    "check_items",
    "gather",
    "grade",
]
