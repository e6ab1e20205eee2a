"""Findings, waivers and policy become one verdict; pure."""
