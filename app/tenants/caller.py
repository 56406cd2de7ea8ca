"""Who asks, once that is known."""

from dataclasses import dataclass, field

from app.errors import ScopeMissing
from app.tenants.tenant import OWN_WORK, Rates, Scope, Tenant


@dataclass(frozen=True, slots=True)
class Caller:
    tenant: Tenant
    key_id: str | None = None
    """None: no key, where the service is open."""
    scopes: frozenset[Scope] = OWN_WORK
    rates: Rates = field(default_factory=Rates)
    """Of the key; the tenant has its own beside them."""

    @property
    def anonymous(self) -> bool:
        return self.key_id is None

    @property
    def limited(self) -> bool:
        """By anything that its answers are to tell."""
        return bool(self.rates) or bool(self.tenant.rates) or bool(self.tenant.budget)

    @property
    def admin(self) -> bool:
        return Scope.ADMIN in self.scopes

    def require(self, *scopes: Scope) -> None:
        """Raises ScopeMissing unless the caller has any of `scopes`; none named: every caller will do."""
        if scopes and self.scopes.isdisjoint(scopes):
            named = " or ".join(scopes)
            wanted = ",".join(sorted({*self.scopes, scopes[0]}))
            raise ScopeMissing(
                f"This needs a key with the scope {named}. "
                f"`dragoman keys create --tenant {self.tenant.name} --scopes {wanted}` makes one.",
                scopes=tuple(scope.value for scope in scopes),
            )
