"""Landscapes: losses that stand still, with what is known of them."""

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.landscapes.camels import SixHumpCamel, ThreeHumpCamel
from adaptsim.landscapes.coco import Bbob
from adaptsim.landscapes.deep_linear import DeepLinear
from adaptsim.landscapes.deep_network import DeepNetwork
from adaptsim.landscapes.digits import Digits
from adaptsim.landscapes.elastic_bar import ElasticBar
from adaptsim.landscapes.elastic_plate import ElasticPlate
from adaptsim.landscapes.factorisation import MatrixFactorisation, ScalarFactorisation
from adaptsim.landscapes.lennard_jones import LennardJones
from adaptsim.landscapes.logistic_regression import LogisticRegression
from adaptsim.landscapes.mueller_brown import MuellerBrown
from adaptsim.landscapes.newton import minima_from, minimum_near, stationary_point
from adaptsim.landscapes.noisy import Noisy
from adaptsim.landscapes.perceptron import Perceptron
from adaptsim.landscapes.physics_informed import PhysicsInformed
from adaptsim.landscapes.protein import ProteinAB
from adaptsim.landscapes.quadratic import Bowl, Canyon
from adaptsim.landscapes.recurrent import DrivenRecurrent, LinearRecurrent, ScalarRecurrent
from adaptsim.landscapes.robot_arm import HeavyRobotArm, RobotArm
from adaptsim.landscapes.rugged import (
    Ackley,
    Griewank,
    Levy,
    Michalewicz,
    Rastrigin,
    Schwefel,
    StyblinskiTang,
)
from adaptsim.landscapes.saddles import MonkeySaddle, StrictSaddle
from adaptsim.landscapes.valleys import (
    Beale,
    Booth,
    Branin,
    Easom,
    GoldsteinPrice,
    Himmelblau,
    Matyas,
    Rosenbrock,
)
from adaptsim.landscapes.wells import Cosine, CubicWell, DoubleWell

__all__ = [
    "Ackley",
    "Bbob",
    "Beale",
    "Booth",
    "Bowl",
    "Branin",
    "Canyon",
    "Cosine",
    "CubicWell",
    "DeepLinear",
    "DeepNetwork",
    "Digits",
    "DoubleWell",
    "DrivenRecurrent",
    "Easom",
    "ElasticBar",
    "ElasticPlate",
    "GoldsteinPrice",
    "Griewank",
    "HeavyRobotArm",
    "Himmelblau",
    "Landscape",
    "LennardJones",
    "Levy",
    "LinearRecurrent",
    "LogisticRegression",
    "MatrixFactorisation",
    "Matyas",
    "Michalewicz",
    "MonkeySaddle",
    "MuellerBrown",
    "Noisy",
    "Perceptron",
    "PhysicsInformed",
    "Point",
    "ProteinAB",
    "Rastrigin",
    "RobotArm",
    "Rosenbrock",
    "ScalarFactorisation",
    "ScalarRecurrent",
    "Schwefel",
    "SixHumpCamel",
    "StrictSaddle",
    "StyblinskiTang",
    "ThreeHumpCamel",
    "minima_from",
    "minimum_near",
    "stationary_point",
]
