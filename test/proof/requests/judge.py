"""Judges recorded requests by botocore's models, which are AWS's own.

Reads one JSON object per line: service, operation and input. Prints, as JSON, how many requests of
which operations were judged, and what is wrong with each that the model does not allow. A wrong
request that was refused is as it should be: a test made it for that.
"""
import datetime
import json
import sys

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()
# The SDKs name services by what their models call "serviceId", botocore by folders.
folders = {"IoT Data Plane": "iot-data", "Cognito Identity Provider": "cognito-idp"}
# Members that AWS added after Debian's botocore.
newer = {
    "DynamoDB UpdateItem": ['"ReturnValuesOnConditionCheckFailure"'],
    "DynamoDB PutItem": ['"ReturnValuesOnConditionCheckFailure"'],
    "DynamoDB DeleteItem": ['"ReturnValuesOnConditionCheckFailure"'],
    "S3 PutObject": ['"IfNoneMatch"'],
    "SESv2 SendEmail": ['"Attachments"'],
}
available = session.get_available_services()
models = {}


def model_of(service):
    if service not in models:
        names = [folders.get(service), service.lower().replace(" ", ""), service.lower().replace(" ", "-")]
        found = [name for name in names if name in available]
        models[service] = session.get_service_model(found[0]) if found else None
    return models[service]


def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["bytes"]:
        return b"x" * value["bytes"]
    if list(value) == ["date"]:
        return datetime.datetime.fromisoformat(value["date"].replace("Z", "+00:00"))
    return {name: plain(one) for name, one in value.items()}


judged = {}
wrong = []
for line in sys.stdin:
    request = json.loads(line)
    service, operation = request["service"], request["operation"]
    name = f"{service} {operation}"
    judged[name] = judged.get(name, 0) + 1
    if request.get("refused"):
        continue
    model = model_of(service)
    if model is None or operation not in model.operation_names:
        wrong.append(f"{name}: the models have no such operation")
        continue
    shape = model.operation_model(operation).input_shape
    if shape is None:
        continue
    report = ParamValidator().validate(plain(request["input"]), shape).generate_report()
    for line in report.splitlines():
        if not any(f": {member}, must be" in line for member in newer.get(name, [])):
            wrong.append(f"{name}: {line}")
print(json.dumps({"judged": judged, "wrong": wrong}))
