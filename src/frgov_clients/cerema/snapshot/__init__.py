"""All users, structures, groups and perimeters of the portal, extracted so that a part is never taken for the whole."""
