"""The names of the formats that rows can be printed in."""

FORMATS = ("table", "json", "ion", "ion-pretty")
