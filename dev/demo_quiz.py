"""The demo school's questions: one of each kind, with answers of students who know more or less."""

import random
from typing import Any
from uuid import uuid4

from classroom.quizzes.testing_answers import right_answer

Question = dict[str, Any]
PROOF = (
    "I draw the parallel to one side through the opposite corner. Left and right of it the alternate "
    "angles appear, and together with the corner's own angle they make a straight line: 180°."
)


def questions() -> list[Question]:
    """About angles and triangles; two points each."""
    written = (
        single(
            "The third angle",
            r"Two angles of a triangle measure $35^\circ$ and $75^\circ$. How large is the third?",
            (r"$70^\circ$", r"$60^\circ$", r"$80^\circ$", r"$110^\circ$"),
        ),
        several(
            "Parallel lines",
            "A line crosses two parallels. Which pairs of angles are equal?",
            {
                "Corresponding angles": True,
                "Alternate angles": True,
                "Neighbouring angles": False,
                "Vertically opposite angles": True,
            },
        ),
        {"kind": "true_false", "title": "Squares", "text": "Every square is a rectangle.", "answer": True}
        | {"true_id": option(), "false_id": option()},
        {"kind": "numeric", "title": "Area", "text": "A triangle has the base 8 cm and the height 5 cm. Its area?"}
        | {"accepted": [{"value": "20"}], "unit": "cm²"},
        {"kind": "short_text", "title": "A name", "text": "What is an angle between 90° and 180° called?"}
        | {"accepted": [{"text": "obtuse"}, {"text": "obtuse angle"}]},
        matching("Sides", "How many sides of equal length has it?", {"Square": "4", "Equilateral triangle": "3"}),
        ordering("By size", "Smallest first.", ("acute angle", "right angle", "obtuse angle", "straight angle")),
        {"kind": "essay", "title": "Why 180°?", "text": "Explain why the angles of a triangle add up to 180°."}
        | {"guidance": "The parallel through a corner; alternate angles. A drawing counts."},
    )
    because = "A drawing helps: mark what is equal before you count."
    return [{"points": "2", "explanation": because} | question for question in written]


def option() -> str:
    """An id for something to choose."""
    return str(uuid4())


def single(title: str, text: str, choices: tuple[str, ...]) -> Question:
    """The first choice is right."""
    made = [{"id": option(), "text": choice, "correct": number == 0} for number, choice in enumerate(choices)]
    return {"kind": "single_choice", "title": title, "text": text, "choices": made}


def several(title: str, text: str, choices: dict[str, bool]) -> Question:
    """Choices and whether they are right."""
    made = [{"id": option(), "text": choice, "correct": right} for choice, right in choices.items()]
    return {"kind": "multiple_choice", "title": title, "text": text, "choices": made}


def matching(title: str, text: str, pairs: dict[str, str]) -> Question:
    """Left and right sides."""
    made = [{"id": option(), "left": left, "right_id": option(), "right": right} for left, right in pairs.items()]
    return {"kind": "matching", "title": title, "text": text, "pairs": made}


def ordering(title: str, text: str, items: tuple[str, ...]) -> Question:
    """Items in their right order."""
    made = [{"id": option(), "text": item} for item in items]
    return {"kind": "ordering", "title": title, "text": text, "items": made}


def answer(question: Question, chance: random.Random, knows: float) -> Any:
    """What a student answers who `knows` (0 to 1) as much."""
    return right(question) if chance.random() < knows else wrong(question, chance)


def right(question: Question) -> Any:
    """An answer for all points."""
    return PROOF if question["kind"] == "essay" else right_answer(question)


def wrong(question: Question, chance: random.Random) -> Any:
    """A usual mistake."""
    match question["kind"]:
        case "single_choice":
            return chance.choice([choice["id"] for choice in question["choices"] if not choice["correct"]])
        case "multiple_choice":
            return [chance.choice(question["choices"])["id"]]
        case "true_false":
            return not question["answer"]
        case "numeric":
            return {"number": "40"}
        case "short_text":
            return "acute"
        case "matching":
            one, other = question["pairs"]
            return {one["id"]: other["right_id"], other["id"]: one["right_id"]}
        case "ordering":
            return [item["id"] for item in reversed(question["items"])]
        case _:
            return "Because I measured three triangles and it was nearly 180° each time."
