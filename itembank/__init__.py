"""What is asked: one format-free question, its checks, its grading, its files."""

from itembank.grade import UnreadableResponse, grade
from itembank.model import Fact, Item, Match, Option, Parameters

__all__ = ["Fact", "Item", "Match", "Option", "Parameters", "UnreadableResponse", "grade"]
