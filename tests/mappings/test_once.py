"""What is worked out from a part of the book is worked out once."""

from mappings.once import once


def test_the_same_part_is_worked_on_once_and_its_equal_by_itself() -> None:
    met: list[list[int]] = []
    first, equal = [1], [1]

    @once
    def size(part: list[int]) -> int:
        met.append(part)
        return len(part)

    assert [size(first), size(equal), size(first), size(equal)] == [1, 1, 1, 1]
    assert [part is first for part in met] == [True, False]


def test_of_more_parts_than_are_kept_each_is_told_right_and_few_are_held() -> None:
    @once
    def told(part: list[int]) -> list[int]:
        return part

    assert all(told([number]) == [number] for number in range(2_000))
    again = [[number] for number in range(300)]
    assert [told(part) is part for part in again * 2] == [True] * 600
