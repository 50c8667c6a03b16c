"""The Données foncières of the Cerema: who may see them (the portal), and the data themselves (apidf)."""
