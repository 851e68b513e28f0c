"""Calls the operations in use with botocore, which checks requests and reads answers by AWS's models.

Prints what each answered, as JSON. A request that the model does not allow raises.
"""
import base64
import json
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

asked = json.load(sys.stdin)
session = botocore.session.get_session()
config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})


def client(service):
    return session.create_client(
        service,
        region_name="eu-central-1",
        endpoint_url=asked["url"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


face = base64.b64decode(asked["face"])
other = base64.b64decode(asked["other"])
answers = {}

s3 = client("s3")
s3.put_object(Bucket="photos", Key="a b/ü.jpg", Body=face, ChecksumAlgorithm="SHA256")
got = s3.get_object(Bucket="photos", Key="a b/ü.jpg", ChecksumMode="ENABLED")
answers["s3 bytes"] = got["Body"].read() == face
answers["s3 keys"] = [o["Key"] for o in s3.list_objects_v2(Bucket="photos")["Contents"]]
answers["s3 deleted"] = s3.delete_objects(
    Bucket="photos", Delete={"Objects": [{"Key": "a b/ü.jpg"}]}
)["Deleted"]
try:
    s3.get_object(Bucket="photos", Key="a b/ü.jpg")
except ClientError as error:
    answers["s3 missing"] = error.response["Error"]["Code"]

# Not SQS: Debian's botocore speaks its old protocol, which the product does not use.

sns = client("sns")
answers["sns"] = "MessageId" in sns.publish(PhoneNumber="+15550100", Message="a code")

ses = client("sesv2")
letter = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
answers["ses"] = "MessageId" in ses.send_email(
    FromEmailAddress="door@example.org",
    ConfigurationSetName="smart-door",
    Destination={"ToAddresses": ["owner@example.org"]},
    Content={"Simple": letter},
)

sms = client("pinpoint-sms-voice-v2")
answers["sms"] = "MessageId" in sms.send_text_message(
    DestinationPhoneNumber="+15550100",
    OriginationIdentity="DOOR",
    MessageBody="a code",
    MessageType="TRANSACTIONAL",
    TimeToLive=300,
    ConfigurationSetName="reports",
    Context={"doorId": "maple-street_front", "grantId": "ab" * 16, "tag": "cd" * 32},
)

rekognition = client("rekognition")
collection = "smart-door-maple-street"
rekognition.create_collection(CollectionId=collection)
found = rekognition.detect_faces(Image={"Bytes": face}, Attributes=["DEFAULT"])["FaceDetails"]
answers["faces found"] = [len(found), sorted(found[0]["BoundingBox"])]
indexed = rekognition.index_faces(
    CollectionId=collection, Image={"Bytes": face}, ExternalImageId="visitor-1", MaxFaces=1
)["FaceRecords"]
face_id = indexed[0]["Face"]["FaceId"]
matches = rekognition.search_faces_by_image(CollectionId=collection, Image={"Bytes": face})
answers["face matched"] = matches["FaceMatches"][0]["Face"]["ExternalImageId"]
compared = rekognition.compare_faces(
    SourceImage={"Bytes": face}, TargetImage={"Bytes": other}, SimilarityThreshold=0
)
answers["others"] = compared["FaceMatches"][0]["Similarity"] < 80
answers["faces listed"] = len(rekognition.list_faces(CollectionId=collection)["Faces"])
deleted = rekognition.delete_faces(CollectionId=collection, FaceIds=[face_id])
answers["faces deleted"] = deleted["DeletedFaces"] == [face_id]

secrets = client("secretsmanager")
answers["secret"] = secrets.get_secret_value(SecretId="smart-door/door-key/a_b")["SecretString"]

# Not IoT's control plane: botocore signs for execute-api, the product's client for iot.
client("iot-data").publish(topic="door/v1/a_b/cmd/grant", qos=1, payload=b"{}")

video = client("kinesisvideo")
endpoint = video.get_data_endpoint(StreamName="a_b", APIName="GET_CLIP")["DataEndpoint"]
answers["video"] = endpoint.startswith("http")

tables = client("dynamodb")
key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
types = [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")]
tables.create_table(
    TableName="visits", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
)
item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}}
tables.put_item(TableName="visits", Item=item)
answers["item"] = tables.get_item(
    TableName="visits", Key={"pk": {"S": "a"}, "sk": {"S": "b"}}, ConsistentRead=True
)["Item"]["n"]
answers["query"] = tables.query(
    TableName="visits",
    KeyConditionExpression="pk = :a",
    ExpressionAttributeValues={":a": {"S": "a"}},
)["Count"]

print(json.dumps(answers))
