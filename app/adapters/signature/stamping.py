"""The installation's own time stamp (RFC 3161): when a signature was made, by our wall clock.

Time told by oneself is weak evidence; it shows when a certificate was still good, no more.
"""

from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, keys, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from pyhanko.sign import general
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from app.adapters.signature.identity import Identity

_attribute: Any = general.simple_cms_attribute
_samples: dict[tuple[bytes, str], bytes] = {}
"""A stamp of each key, of which nothing but its size and its certificates is used."""
POLICY = "1.2.156.999999.1.1"
FULL_YEARS = 2050
"""From this year on, times are written with all of the year: two digits would say 1950."""


class OwnStamp(DummyTimeStamper):
    """Stamps with the key of the installation, at the moment it is told.

    pyHanko's own is for tests: it knows RSA only, and binds the certificate by SHA-1.
    """

    def __init__(self, identity: Identity, now: datetime) -> None:
        self._key = identity.key
        self._der = identity.der
        super().__init__(
            tsa_cert=identity.certificate,
            tsa_key=keys.PrivateKeyInfo(),
            certs_to_embed=identity.chain,
            fixed_dt=now.astimezone(UTC).replace(microsecond=0),
        )

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        known = _samples.get((self._der, md_algorithm))
        if known is not None and md_algorithm not in self._dummy_response_cache:
            self._dummy_response_cache[md_algorithm] = cms.ContentInfo.load(known)
        sample: cms.ContentInfo = await super().async_dummy_response(md_algorithm)
        if known is None:
            _samples[self._der, md_algorithm] = sample.dump()
        return sample

    def _build_tst_info(
        self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq
    ) -> tsp.TSTInfo:
        info = super()._build_tst_info(message_imprint, dt, req)
        info["policy"] = POLICY
        return info

    def _sign_tst_info(
        self, tst_info_data: bytes, md_algorithm: str, dt: datetime
    ) -> tuple[bytes, cms.CMSAttributes]:
        chosen = get_pyca_cryptography_hash(md_algorithm)
        digest = hashes.Hash(chosen)
        digest.update(tst_info_data)
        signed = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_time", _time(dt)),
                _attribute(
                    "signing_certificate_v2",
                    _anew(general.as_signing_certificate_v2(self.tsa_cert)),
                ),
                _attribute("message_digest", digest.finalize()),
            ]
        )
        signed = _anew(signed)
        return self._key.sign(signed.dump(), ECDSA(chosen)), signed

    def _build_signed_data(
        self, tst_info_data: bytes, md_algorithm: str, signature: bytes, signed_attrs: Any
    ) -> dict[str, Any]:
        built: dict[str, Any] = super()._build_signed_data(
            tst_info_data, md_algorithm, signature, signed_attrs
        )
        rsa = built["signer_infos"][0]
        kept = ("sid", "digest_algorithm", "signed_attrs", "signature")
        algorithm = algos.SignedDigestAlgorithm({"algorithm": f"{md_algorithm}_ecdsa"})
        built["signer_infos"] = [
            cms.SignerInfo(
                {
                    "version": "v1",
                    "signature_algorithm": algorithm,
                    **{name: rsa[name] for name in kept},
                }
            )
        ]
        return built

    def request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        response: tsp.TimeStampResp = _anew(super().request_tsa_response(req))
        return response


def _time(moment: datetime) -> cms.Time:
    if moment.year < FULL_YEARS:
        return cms.Time({"utc_time": core.UTCTime(moment)})
    return cms.Time({"generalized_time": core.GeneralizedTime(moment)})


def _anew(value: Any) -> Any:
    """Read a value anew: asn1crypto writes parts that were put in one by one again and again."""
    return type(value).load(value.dump())
