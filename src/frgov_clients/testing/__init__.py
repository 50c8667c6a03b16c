"""What helps to test code that uses this package: real services on loopback, and stand-ins for the others.

`addok` starts the real engine of the national geocoding service on this machine; `geopf` is a fake of the public one,
`cerema` one of the portal Données foncières, `apidf` one of its data API. The fakes fail on demand.
"""
