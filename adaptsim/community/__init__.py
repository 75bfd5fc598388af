"""Communities: learners and what they live on, in one closed loop.

``two_prey``     predators of two prey as a flow: equilibria, courses, extinction
``forced``       a preference that follows prey which do not feel it
``food_web``     many species, some of which learn what to eat (Kondoh)
``exploration``  choosing among arms that pay differently, and change
``patches``      predators that move among patches and learn what to look for
"""

from adaptsim.community.two_prey import Community, Course

__all__ = ["Community", "Course"]
