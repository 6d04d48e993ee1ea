from .building import build_report as build_report
from .building import reproduce as reproduce
from .collecting import collect as collect
from .details import read_details as read_details
from .layout import read_template as read_template
from .linter import check as check
from .pages import render as render
from .problems import Problem as Problem
